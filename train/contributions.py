"""What the columns of one article add to its margins."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse


class Contributions(NamedTuple):
    """What the columns of one article add to its margins: ``base + weights.sum(axis=0)`` is the margin.

    Attributes
    ----------
    base : ndarray of float64, shape (n_labels,)
        What no column accounts for.
    columns : ndarray of int, shape (n,)
        Columns of the feature matrix, each once.
    weights : ndarray of float, shape (n, n_labels)
        What each of them adds to each margin.
    """

    base: NDArray[np.float64]
    columns: NDArray[np.integer[Any]]
    weights: NDArray[np.floating[Any]]


def single_row(X: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return `X`, or raise ValueError if it is not the features of a single article."""
    if X.shape[0] != 1:
        raise ValueError(f"{X.shape[0]} rows, expected the features of one article")
    return X
