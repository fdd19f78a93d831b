"""Near-duplicate articles, found by the word sequences that they share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from features.ngrams import NgramVectorizer

SHINGLE = 4
"""Words in a shingle."""
SIMILAR = 0.5
"""Share of the smaller article's shingles that both have, from which on two articles are near-duplicates."""
COMMON = 100
"""A shingle in more articles than this is a stock phrase of portals and says nothing."""

_SKETCH = 8
"""Smallest hashes of an article's shingles that are looked at."""


def near_duplicate_groups(texts: Sequence[str]) -> NDArray[np.int64]:
    """Group texts that repeat one another.

    Parameters
    ----------
    texts : sequence of str
        Clean texts.

    Returns
    -------
    ndarray of int64, shape (n_texts,)
        Number of each text's group; a text without near-duplicates is alone in its own.

    Notes
    -----
    Similarity is the overlap coefficient of the sets of word 4-grams ("shingles"; Broder, 1997), so that an article and
    its shortened copy are found. Pairs that share a rare shingle are compared, and neighbours in the order of each of
    an article's smallest shingle hashes (a bottom-k sketch), which finds a story that is told very often without
    comparing all its copies. Groups are connected components: a duplicate of a duplicate belongs to the group.
    """
    shingles = shingle_matrix(texts)
    pairs = np.vstack([_rare_pairs(shingles), _sketch_pairs(shingles)])
    shared = np.asarray(shingles[pairs[:, 0]].multiply(shingles[pairs[:, 1]]).sum(axis=1)).ravel()
    sizes = np.diff(shingles.indptr)
    alike = pairs[shared >= SIMILAR * np.maximum(1, np.minimum(sizes[pairs[:, 0]], sizes[pairs[:, 1]]))]
    graph = sparse.coo_matrix((np.ones(len(alike)), (alike[:, 0], alike[:, 1])), (len(texts), len(texts)))
    return connected_components(graph, directed=False)[1].astype(np.int64)  # type: ignore[no-any-return]


def shingle_matrix(texts: Sequence[str]) -> sparse.csr_matrix:
    """Return which hashed word 4-grams each text holds, 1 where it does, shape (n_texts, n_hashes)."""
    vectorizer = NgramVectorizer(
        word_ngrams=(SHINGLE, SHINGLE),
        char_ngrams=None,
        n_features=2**22,
        sublinear_tf=False,
        use_idf=False,
        norm=None,
        max_names=0,
    )
    shingles = vectorizer.fit(texts[:1]).transform(texts)
    shingles.data[:] = 1
    return shingles


def _rare_pairs(shingles: sparse.csr_matrix) -> NDArray[np.int64]:
    """Return the pairs of rows that share enough of the shingles that few rows have."""
    occurs = np.bincount(shingles.indices, minlength=shingles.shape[1])
    telling = shingles[:, np.flatnonzero((occurs > 1) & (occurs <= COMMON))]
    shared = (telling @ telling.T).tocoo()
    return np.column_stack([shared.row, shared.col])[shared.row < shared.col].astype(np.int64)


def _sketch_pairs(shingles: sparse.csr_matrix) -> NDArray[np.int64]:
    """Return the rows that are neighbours where rows are ordered by one of their smallest shingle hashes."""
    filled = np.flatnonzero(np.diff(shingles.indptr))
    pairs = [np.empty((0, 2), np.int64)]
    for k in range(_SKETCH):
        place = np.minimum(shingles.indptr[filled] + k, shingles.indptr[filled + 1] - 1)
        hashes = shingles.indices[place]
        order = np.argsort(hashes, kind="stable")
        same = np.flatnonzero(np.diff(hashes[order]) == 0)
        pairs.append(np.column_stack([filled[order[same]], filled[order[same + 1]]]))
    return np.vstack(pairs)
