"""How much more articles would help: a learning curve."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import clone

from train.metrics import evaluate_labels
from train.outcome import Outcome

_SHARES, _QUICK_SHARES = (1 / 16, 1 / 8, 1 / 4), (1 / 16, 1 / 8)  # half would take as long as all these together


class CurvePoint(NamedTuple):
    """Macro average precision on a held-out fold, after training on so many articles, with its 95 % interval."""

    articles: int
    value: float
    interval: tuple[float, float] | None


def learning_curve(
    estimator: Any, X: sparse.csr_matrix, outcome: Outcome, folds: NDArray[np.int64], *, quick: bool
) -> list[CurvePoint]:
    """Fit an estimator to growing parts of the data and measure it on a fold that is in none of them.

    Parameters
    ----------
    estimator : estimator
        Cloned before it is fitted.
    X : csr_matrix, shape (n_articles, n_columns)
        Features; their document frequencies are those of all the articles, which knows nothing of labels.
    outcome : Outcome
        What the same estimator said of the articles in cross-validation: the last point, which needs no fit. Each fold
        was calibrated as a whole, so that probabilities rank its articles as margins do.
    folds : ndarray of int64, shape (n_articles,)
        From ``train.selection.fold_numbers``; fold 0 is held out.
    quick : bool
        Whether to fit a sixteenth and an eighth only.

    Returns
    -------
    list of CurvePoint
        For a sixteenth, an eighth, a quarter and all of the other folds, each part within the next.
    """
    held_out, Y = folds == 0, outcome.dataset.Y
    order = np.random.default_rng(outcome.seed).permutation(np.flatnonzero(~held_out))
    points = []
    for size in sorted({max(2, round(share * len(order))) for share in (_QUICK_SHARES if quick else _SHARES)}):
        rows = np.sort(order[:size])
        margins = clone(estimator).fit(X[rows], Y[rows]).decision_function(X[held_out])
        points.append(_point(size, outcome, held_out, margins))
    points.append(_point(len(order), outcome, held_out, outcome.probabilities[held_out]))
    return points


def _point(articles: int, outcome: Outcome, held_out: NDArray[np.bool_], scores: NDArray[np.float64]) -> CurvePoint:
    figures = evaluate_labels(
        outcome.dataset.Y[held_out],
        scores,
        outcome.assigned[held_out],
        outcome.dataset.labels,
        seed=outcome.seed,
        resamples=outcome.resamples,
    )
    value, interval = figures["mean_average_precision"], figures["mean_average_precision_interval"]
    return CurvePoint(articles, float("nan") if value is None else value, tuple(interval) if interval else None)
