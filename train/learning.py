"""How much more articles would help: a learning curve."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import clone

from train.metrics import evaluate_labels

_SHARES = (1 / 8, 1 / 4, 1 / 2, 1.0)


class CurvePoint(NamedTuple):
    """Macro average precision on a held-out fold, after training on so many articles, with its 95 % interval."""

    articles: int
    value: float
    interval: tuple[float, float] | None


def learning_curve(
    estimator: Any,
    X: sparse.csr_matrix,
    Y: NDArray[np.int8],
    labels: tuple[str, ...],
    folds: NDArray[np.int64],
    *,
    seed: int,
    resamples: int,
) -> list[CurvePoint]:
    """Fit an estimator to growing parts of the data and measure it on a fold that is in none of them.

    Parameters
    ----------
    estimator : estimator
        Cloned before it is fitted.
    X : csr_matrix, shape (n_articles, n_columns)
        Features; their document frequencies are those of all the articles, which knows nothing of labels.
    Y : ndarray of 0 and 1, shape (n_articles, n_labels)
        Labels.
    labels : tuple of str
        Their names.
    folds : ndarray of int64, shape (n_articles,)
        From ``train.selection.fold_numbers``; fold 0 is held out.
    seed, resamples : int
        Of the order in which articles come in, and of the bootstrap.

    Returns
    -------
    list of CurvePoint
        For an eighth, a quarter, half and all of the other folds, each part within the next.
    """
    held_out = folds == 0
    order = np.random.default_rng(seed).permutation(np.flatnonzero(~held_out))
    points = []
    for share in _SHARES:
        rows = np.sort(order[: max(2, round(share * len(order)))])
        margins = clone(estimator).fit(X[rows], Y[rows]).decision_function(X[held_out])
        figures = evaluate_labels(
            Y[held_out], margins, np.zeros_like(Y[held_out]), labels, seed=seed, resamples=resamples
        )
        value = figures["mean_average_precision"]
        if value is not None:
            interval = figures["mean_average_precision_interval"]
            points.append(CurvePoint(len(rows), value, tuple(interval) if interval else None))
    return points
