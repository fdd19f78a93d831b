"""A sparse matrix that grows row by row in arrays of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from features.csr_kernel import copy_block


class Block(NamedTuple):
    """Columns side by side of some rows, as a ``csr_matrix`` has them; to make one of those costs as much as a copy.

    Attributes
    ----------
    indptr, indices, data : ndarray
        The cells.
    n_columns : int
        Width.
    """

    indptr: NDArray[Any]
    indices: NDArray[Any]
    data: NDArray[np.float32]
    n_columns: int

    @classmethod
    def of(cls, matrix: sparse.csr_matrix, start: int, end: int) -> Block:
        """Return the rows ``[start, end)`` of a matrix."""
        return cls(matrix.indptr[start : end + 1], matrix.indices, matrix.data, matrix.shape[1])


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
        self.used = self._rows = 0

    def append(self, blocks: Sequence[Block], weights: Sequence[float]) -> None:
        """Append rows that come in blocks side by side.

        Parameters
        ----------
        blocks : sequence of Block
            With as many rows each, their columns in order.
        weights : sequence of float
            A factor for each block.
        """
        n_rows = len(blocks[0].indptr) - 1
        lengths = sum(np.diff(block.indptr) for block in blocks)
        ends = self.used + np.cumsum(lengths, dtype=np.int64)
        if ends[-1] > len(self.columns):
            self.grow(int(ends[-1]), (self._rows + n_rows) / self._shape[0])
        rows, offset = ends - lengths, 0
        for block, weight in zip(blocks, weights, strict=True):
            copy_block(
                block.indptr, block.indices, block.data, offset, np.float32(weight), rows, self.columns, self.values
            )
            offset += block.n_columns
        self.indptr[self._rows + 1 : self._rows + n_rows + 1] = ends
        self._rows, self.used = self._rows + n_rows, int(ends[-1])

    def reset(self, n_rows: int) -> None:
        """Begin a matrix of so many rows in the same memory; the one before must not be used any more."""
        self._shape = n_rows, self._shape[1]
        self.indptr = np.zeros(n_rows + 1, np.int64)
        self.used = self._rows = 0

    def grow(self, needed: int, done: float) -> None:
        """Make room for at least `needed` cells, and for all rows if these hold the share `done` of them."""
        # Generous, as what is not written to costs nothing, and a copy of all rows does.
        room = max(needed + needed // 4, int(1.25 * needed / done) if done > 0 else 0) + 4096
        self.columns, self.values = self._copy(self.columns, room), self._copy(self.values, room)

    def _copy(self, old: NDArray[Any], room: int) -> NDArray[Any]:
        new = np.empty(room, old.dtype)
        new[: self.used] = old[: self.used]
        return new

    def block(self) -> Block:
        """Return the cells, without a copy."""
        return Block(self.indptr, self.columns, self.values, self._shape[1])

    def matrix(self) -> sparse.csr_matrix:
        """Return the matrix; its columns are taken to be in order and none twice in a row."""
        small = self.used < np.iinfo(np.int32).max
        matrix = sparse.csr_matrix(self._shape, dtype=np.float32)
        matrix.indptr = self.indptr.astype(np.int32) if small else self.indptr
        matrix.indices, matrix.data = self.columns[: self.used], self.values[: self.used]
        matrix.has_sorted_indices = matrix.has_canonical_format = True
        return matrix
