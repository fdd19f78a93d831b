"""A whole training of a tiny data set in a process of its own, as `kawat train` does it: for tests that kill it.

Called as `python -m tests.tiny_training NAME SEED [FILE]`; prints the version and what the gate said.
"""

import sys
from pathlib import Path
from typing import Any

from features.ngrams import NgramVectorizer
from features.pipeline import ArticleFeatures, masked_vectorizer
from train import run
from train.candidates import LinearEstimator
from train.settings import Settings


class SmallSettings(Settings):
    """The committed settings on features of a few thousand columns."""

    def features(self) -> ArticleFeatures:
        small = {"n_features": 4096, "max_names": 1000}
        masked = masked_vectorizer().set_params(**small)
        return super().features().set_params(ngrams=NgramVectorizer(**small), masked_ngrams=masked)


def linear_alone(settings: Settings, *, seed: int) -> dict[str, LinearEstimator]:
    return {"linear": LinearEstimator(C=settings.linear_C, seed=seed)}


SMALL: dict[str, Any] = {"Settings": SmallSettings, "build_candidates": linear_alone}
"""What takes the place of names in `train.run`: the steps are those of any training, only shorter."""


if __name__ == "__main__":
    for name, smaller in SMALL.items():
        setattr(run, name, smaller)
    name, seed, *files = sys.argv[1:]
    report = run.train(
        data=[Path(file) for file in files],
        name=name,
        seed=int(seed),
        quick=True,
        progress=lambda line: print(line, file=sys.stderr),  # noqa: T201 - it is a program of its own
    )
    sys.stdout.write(f"{report.version} {report.gate.reason}\n")
