"""A sparse matrix that grows row by row in arrays of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse


class CsrBuilder:
    """Cells of a CSR matrix that compiled loops append to.

    Parameters
    ----------
    n_rows, n_columns : int
        Shape of the matrix.
    room : int
        Cells to begin with; memory that is not written to costs nothing.

    Attributes
    ----------
    columns, values : ndarray of int32 and float32
        The cells.
    indptr : ndarray of int64, shape (n_rows + 1,)
        Where rows begin.
    used : int
        Cells in use.
    """

    def __init__(self, n_rows: int, n_columns: int, room: int) -> None:
        self._shape = n_rows, n_columns
        self.columns, self.values = np.empty(room, np.int32), np.empty(room, np.float32)
        self.indptr = np.zeros(n_rows + 1, np.int64)
        self.used = 0

    def grow(self, done: float) -> None:
        """Make room for the rest, of which the share `done` is in the cells that are used."""
        room = max(2 * len(self.columns), int(1.05 * self.used / done) if done > 0 else 0) + 4096
        self.columns, self.values = self._copy(self.columns, room), self._copy(self.values, room)

    def _copy(self, old: NDArray[Any], room: int) -> NDArray[Any]:
        new = np.empty(room, old.dtype)
        new[: self.used] = old[: self.used]
        return new

    def matrix(self) -> sparse.csr_matrix:
        """Return the matrix; its columns are taken to be in order and none twice in a row."""
        small = self.used < np.iinfo(np.int32).max
        matrix = sparse.csr_matrix(self._shape, dtype=np.float32)
        matrix.indptr = self.indptr.astype(np.int32) if small else self.indptr
        matrix.indices, matrix.data = self.columns[: self.used], self.values[: self.used]
        matrix.has_sorted_indices = matrix.has_canonical_format = True
        return matrix
