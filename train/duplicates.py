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
_COMMON = 100
"""A shingle in more articles than this is a stock phrase of portals and says nothing."""


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
    its shortened copy are found. Groups are connected components: a duplicate of a duplicate belongs to the group.
    """
    vectorizer = NgramVectorizer(
        word_ngrams=(SHINGLE, SHINGLE),
        char_ngrams=None,
        n_features=2**22,
        sublinear_tf=False,
        use_idf=False,
        norm=None,
        max_names=0,
    )
    shingles = _binary(vectorizer, texts)
    occurs = np.bincount(shingles.indices, minlength=shingles.shape[1])
    telling = shingles[:, np.flatnonzero((occurs > 1) & (occurs <= _COMMON))]
    shared = (telling @ telling.T).tocoo()
    sizes = np.diff(shingles.indptr)
    smaller = np.maximum(1, np.minimum(sizes[shared.row], sizes[shared.col]))
    alike = (shared.data / smaller >= SIMILAR) & (shared.row != shared.col)
    graph = sparse.coo_matrix((alike[alike], (shared.row[alike], shared.col[alike])), (len(texts), len(texts)))
    return connected_components(graph, directed=False)[1].astype(np.int64)  # type: ignore[no-any-return]


def _binary(vectorizer: NgramVectorizer, texts: Sequence[str]) -> sparse.csr_matrix:
    matrix = vectorizer.fit(texts[:1]).transform(texts)
    matrix.data[:] = 1
    return matrix
