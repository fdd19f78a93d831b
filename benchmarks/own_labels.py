"""Somebody else's labels: topics with vocabularies of their own, against TF-IDF with logistic regression.

`python -m benchmarks.own_labels` compares on a few made-up data sets and writes the README's table. With a number of
rounds it only prints the table.
"""

from __future__ import annotations

import random
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.articles import _vocabulary
from benchmarks.readme import write_table
from benchmarks.usual import usual_pipeline
from features.article import Article, Document
from train.candidates import build_candidates
from train.choice import choose_candidate
from train.classifier import ArticleClassifier
from train.dataset import Dataset
from train.metrics import evaluate_labels
from train.selection import choose, fold_numbers, member_margins, out_of_fold_margins
from train.settings import Settings
from train.stacking import StackedEstimator
from train.tuning import reading

N = 1_200
LABELS = ("panen", "cuaca", "olahraga", "pasar", "kesehatan", "film")
_OWN_WORDS = 60
"""Words that belong to a topic; each is drawn by other topics too, only more rarely."""
_NOISE = 0.08
"""Share of the articles whose label is a wrong one."""


_ROUNDS = 2
"""Data sets of each kind."""


def topics(seed: int, *, n: int = N, multi: bool = False) -> Dataset:
    """Make articles of several topics.

    Parameters
    ----------
    seed : int
        The same seed gives the same articles.
    n : int
        How many.
    multi : bool, default=False
        A third of the articles carry two labels and some none; else each carries one.
    """
    chooser = random.Random(seed)
    words, cumulative = _vocabulary()
    own = {label: chooser.sample(words[200:20_000], _OWN_WORDS) for label in LABELS}
    documents, Y = [], np.zeros((n, len(LABELS)), np.int8)
    for row in range(n):
        carried = chooser.sample(range(len(LABELS)), chooser.choice((0, 1, 1, 2)) if multi else 1)
        text = chooser.choices(words, cum_weights=cumulative, k=chooser.choice((40, 80, 300)))
        for column in carried:
            text += chooser.choices(own[LABELS[column]], k=chooser.choice((2, 4, 8)))
        text += chooser.choices(own[chooser.choice(LABELS)], k=1)  # what is only mentioned
        chooser.shuffle(text)
        if chooser.random() < _NOISE:
            carried = [chooser.randrange(len(LABELS))]
        Y[row, carried] = 1
        documents.append(Document.of(Article(" ".join(text), id=f"topic-{row}")))
    return Dataset(documents, Y, LABELS)


def ours(training: Dataset, test: Dataset) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    """Train as `kawat train` does, and return probabilities and labels of the test."""
    settings = reading(training, Settings(), seed=0, progress=lambda line: None)
    candidates, features = build_candidates(settings), settings.features()
    folds = fold_numbers(training, 5, 0)
    margins = out_of_fold_margins(training, candidates, features, folds, lambda line: None, settings.lead_chars)
    best = choose_candidate(candidates, margins, training.Y, seed=0, progress=lambda line: None)
    estimator = candidates[best]
    options = {"margins": member_margins(estimator, margins)} if isinstance(estimator, StackedEstimator) else {}
    classifier = ArticleClassifier(estimator, list(training.labels), features, settings.lead_chars)
    classifier.fit(training.documents, training.Y, **options).calibrate(*choose(margins[best], training.Y))
    probabilities = classifier.predict_proba(test.documents)
    return probabilities, classifier.decide(probabilities)


def peer(training: Dataset, test: Dataset) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    """The same by the usual pipeline."""
    model = usual_pipeline()
    model.fit([document.text for document in training.documents], training.Y)
    probabilities = model.predict_proba([document.text for document in test.documents])
    return probabilities, (probabilities >= 0.5).astype(np.int8)


def _figures(Y: NDArray[np.int8], scores: NDArray[np.float64], assigned: NDArray[np.int8] | None = None) -> Any:
    return evaluate_labels(Y, scores, np.zeros_like(Y) if assigned is None else assigned, LABELS, resamples=0)


def compare(multi: bool, seed: int) -> str:
    """Return the table's row of one made-up data set."""
    data = topics(seed, multi=multi)
    training, test = data.subset(~data.is_test), data.subset(data.is_test)
    figures = [_figures(test.Y, *method(training, test)) for method in (ours, peer)]
    pairs = [" / ".join(f"{side[key]:.3f}" for side in figures) for key in ("mean_average_precision", "macro_f1")]
    return (
        f"| {'one, none or two' if multi else 'one'} | {seed} | {len(training)} / {len(test)} | {' | '.join(pairs)} |"
    )


def main(rounds: int | None = None) -> None:
    """Compare on single-label and on multi-label articles, each with several seeds."""
    rows = [
        "| labels of an article | seed | articles, trained on / held out | mean average precision, ours / theirs "
        "| macro F1, ours / theirs |",
        "|---|---|---|---|---|",
    ]
    print("\n".join(rows), flush=True)
    for multi in (False, True):
        for seed in range(_ROUNDS if rounds is None else rounds):
            rows.append(compare(multi, seed))
            print(rows[-1], flush=True)
    if rounds is None:
        write_table("own labels", rows)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
