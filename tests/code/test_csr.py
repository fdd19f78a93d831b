"""The matrix that grows, against scipy's."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from features.csr import Block, CsrBuilder


def block(rng, n_rows, n_columns):
    return sparse.random(n_rows, n_columns, density=0.3, format="csr", dtype=np.float32, random_state=rng)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=5), st.integers(0, 2**16), st.sampled_from([1, 7, 1000]))
def test_blocks_stand_side_by_side_as_in_hstack(sizes, seed, room):
    rng = np.random.default_rng(seed)
    parts = [[block(rng, n, width) for width in (4, 6)] for n in sizes]
    built = CsrBuilder(sum(sizes), 10, room)
    for part in parts:
        built.append([Block.of(matrix, 0, matrix.shape[0]) for matrix in part], (1.0, 0.5))
    expected = sparse.vstack([sparse.hstack([left, 0.5 * right]) for left, right in parts])
    found = built.matrix()
    assert found.shape == expected.shape
    assert np.array_equal(found.toarray(), expected.toarray())


def test_rows_of_a_matrix_are_a_block():
    whole = block(np.random.default_rng(0), 5, 4)
    built = CsrBuilder(5, 4, 1)
    for start, end in ((0, 2), (2, 5)):
        built.append([Block.of(whole, start, end)], (1.0,))
    assert np.array_equal(built.matrix().toarray(), whole.toarray())
    assert np.array_equal(built.block().indptr, whole.indptr)


def test_after_a_reset_the_same_memory_holds_another_matrix():
    rng = np.random.default_rng(0)
    built = CsrBuilder(3, 4, 100)
    built.append([Block.of(block(rng, 3, 4), 0, 3)], (1.0,))
    cells = built.columns
    built.reset(2)
    second = block(rng, 2, 4)
    built.append([Block.of(second, 0, 2)], (1.0,))
    assert built.columns is cells
    assert np.array_equal(built.matrix().toarray(), second.toarray())
