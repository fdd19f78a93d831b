"""Compiled loop that copies blocks of a sparse matrix side by side."""

from __future__ import annotations

from numba import njit

from features import caching

caching.prepare()


@njit(cache=True, nogil=True)
def copy_block(indptr, indices, data, offset, weight, rows, columns, values):
    """Copy the cells of a block into the rows of a matrix.

    Parameters
    ----------
    indptr, indices, data : ndarray
        The block in CSR form.
    offset : int
        Column of the matrix at which the block begins.
    weight : float
        Factor of its values.
    rows : ndarray of int64, shape (n_rows,)
        Where each row's next cell goes; moved behind the last that was copied.
    columns, values : ndarray
        Receive the cells.
    """
    for row in range(len(rows)):
        at = rows[row]
        for k in range(indptr[row], indptr[row + 1]):
            columns[at] = offset + indices[k]
            values[at] = weight * data[k]
            at += 1
        rows[row] = at
