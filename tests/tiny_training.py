"""A whole training of a tiny data set in a process of its own, as `kawat train` does it: for tests that kill it.

Called as `python -m tests.tiny_training NAME SEED [FILE]`; prints the version and what the gate said.
"""

import sys
from pathlib import Path

from features.ngrams import NgramVectorizer
from features.pipeline import ArticleFeatures, masked_vectorizer
from train import run
from train.candidates import LinearEstimator


def make_small() -> None:
    """Small features and the linear candidate alone: the steps are those of any training, only shorter."""
    run.build_features = lambda: ArticleFeatures(
        ngrams=NgramVectorizer(n_features=4096, max_names=1000),
        masked_ngrams=masked_vectorizer().set_params(n_features=4096, max_names=1000),
    )
    run.build_candidates = lambda *, quick, seed: {"linear": LinearEstimator(C=0.1, n_jobs=1)}


if __name__ == "__main__":
    make_small()
    name, seed, *files = sys.argv[1:]
    report = run.train(data=[Path(file) for file in files], name=name, seed=int(seed), quick=True)
    sys.stdout.write(f"{report.version} {report.gate.reason}\n")
