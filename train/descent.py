"""The compiled loop under the linear estimator."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import sparse

_PASSES = 500


def support_vectors(
    X: sparse.csr_matrix, Y: NDArray[np.int8], losses: NDArray[np.float64], *, seed: int, tolerance: float = 0.01
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fit a support vector machine with squared hinge loss for each label, all labels in one pass over the articles.

    Dual coordinate descent (Hsieh et al., 2008, algorithm 1), as in liblinear, which takes one label after the other,
    several times as long, and does not give twice the same.

    Parameters
    ----------
    X : csr_matrix of float32, shape (n_articles, n_columns)
        Features.
    Y : ndarray of 0 and 1, shape (n_articles, n_labels)
        What is true.
    losses : ndarray of float64, shape (n_articles, n_labels)
        Weight of each article's loss against the L2 penalty.
    seed : int
        Of the order in which articles are visited.
    tolerance : float, default=0.01
        It is enough when no projected gradient is larger.

    Returns
    -------
    weights : ndarray of float64, shape (n_columns, n_labels)
        Of each column.
    bias : ndarray of float64, shape (n_labels,)
        The weight of one more column, in which every article has a 1.
    """
    rng = np.random.default_rng(seed)
    weights, bias = np.zeros((X.shape[1], Y.shape[1])), np.zeros(Y.shape[1])
    alpha = np.zeros(Y.shape)
    squares = 1.0 + np.asarray(X.multiply(X).sum(axis=1), np.float64).ravel()
    signs = np.where(Y, 1.0, -1.0)
    for _ in range(_PASSES):
        order = rng.permutation(X.shape[0])
        if _descend(order, X.indptr, X.indices, X.data, squares, signs, 0.5 / losses, alpha, weights, bias) < tolerance:
            break
    return weights, bias


@njit(cache=True, nogil=True)
def _descend(
    order: Any,
    indptr: Any,
    indices: Any,
    data: Any,
    squares: Any,
    signs: Any,
    diagonal: Any,
    alpha: Any,
    weights: Any,
    bias: Any,
) -> float:
    """Visit every article once, change `alpha`, `weights` and `bias`, and return the largest projected gradient."""
    n_labels = len(bias)
    margin, step = np.empty(n_labels), np.empty(n_labels)
    worst = 0.0
    for row in order:
        margin[:] = bias
        for at in range(indptr[row], indptr[row + 1]):
            column, value = indices[at], data[at]
            for k in range(n_labels):
                margin[k] += value * weights[column, k]
        moved = False
        for k in range(n_labels):
            old = alpha[row, k]
            gradient = signs[row, k] * margin[k] - 1 + diagonal[row, k] * old
            new = max(old - gradient / (squares[row] + diagonal[row, k]), 0.0)
            if old > 0 or gradient < 0:
                worst = max(worst, abs(gradient))
            step[k] = (new - old) * signs[row, k]
            alpha[row, k] = new
            moved = moved or new != old
        if moved:
            for at in range(indptr[row], indptr[row + 1]):
                column, value = indices[at], data[at]
                for k in range(n_labels):
                    weights[column, k] += value * step[k]
            for k in range(n_labels):
                bias[k] += step[k]
    return worst
