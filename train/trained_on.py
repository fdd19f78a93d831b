"""Which articles a model has trained on: short hashes that travel with it, so that no test is held on them."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from train.dataset import Dataset, split_key
from train.duplicates import COMMON, SIMILAR, shingle_matrix

FILE = "trained_on.npz"
_SKETCH = 128
"""Smallest hashes of an article's shingles that are kept: all of them for most leads, a sample of a long article."""
_FEWEST = 3
"""Shingles that a sample must share to say anything; one that happens to be common proves nothing."""


class TrainedOn(NamedTuple):
    """What is kept of the articles that a model has trained on.

    Attributes
    ----------
    keys : ndarray of uint64, shape (n_articles,)
        Beginning of each article's split key.
    starts, shingles : ndarray of int64 and uint32
        The smallest shingle hashes of article k, ascending, are ``shingles[starts[k]:starts[k + 1]]``.
    """

    keys: NDArray[np.uint64]
    starts: NDArray[np.int64]
    shingles: NDArray[np.uint32]

    @classmethod
    def of(cls, dataset: Dataset) -> TrainedOn:
        """Return what is to be kept of a data set."""
        whole = shingle_matrix([document.text for document in dataset.documents])
        rows = [np.sort(whole.indices[a:b])[:_SKETCH] for a, b in zip(whole.indptr, whole.indptr[1:], strict=False)]
        starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
        return cls(_keys(dataset), starts, np.concatenate([*rows, np.empty(0)]).astype(np.uint32))

    def save(self, file: Path) -> None:
        """Write the arrays into a file that NumPy reads."""
        np.savez_compressed(file, **self._asdict())

    @classmethod
    def load(cls, file: Path) -> TrainedOn:
        """Read what `save` wrote, or raise OSError or ValueError."""
        try:
            with np.load(file, allow_pickle=False) as arrays:
                return cls(arrays["keys"], arrays["starts"], arrays["shingles"])
        except (KeyError, EOFError, BadZipFile, zlib.error) as error:
            raise ValueError(f"{type(error).__name__}: {error}") from error

    def covers(self, dataset: Dataset) -> NDArray[np.bool_]:
        """Return which articles the model has trained on, or on near-duplicates of, shape (n_articles,).

        Similarity is that of ``train.duplicates``, estimated from the smallest hashes (a bottom-k sketch; Broder,
        1997): below the lower of two sketches' highest hashes both are complete.
        """
        own = TrainedOn.of(dataset)
        known = np.isin(own.keys, self.keys) | own._resembles(self)
        # A group of near-duplicates is one story: who has trained on one of them has seen them all.
        groups = np.zeros(int(dataset.groups.max(initial=-1)) + 1, bool)
        np.logical_or.at(groups, dataset.groups, known)
        return groups[dataset.groups]  # type: ignore[no-any-return]

    def _resembles(self, other: TrainedOn) -> NDArray[np.bool_]:
        width = int(max(self.shingles.max(initial=0), other.shingles.max(initial=0))) + 1
        mine, theirs = self._matrix(width), other._matrix(width)
        telling = np.flatnonzero(theirs.getnnz(axis=0) <= COMMON)
        pairs = (mine[:, telling] @ theirs[:, telling].T).tocoo()
        found = np.zeros(len(self.keys), bool)
        for j, k in zip(pairs.row, pairs.col, strict=True):
            found[j] = found[j] or _overlap(self._sketch(j), other._sketch(k)) >= SIMILAR
        return found

    def _sketch(self, k: int) -> NDArray[np.uint32]:
        return self.shingles[self.starts[k] : self.starts[k + 1]]

    def _matrix(self, width: int) -> sparse.csr_matrix:
        content = np.ones(len(self.shingles), np.int32), self.shingles.astype(np.int64), self.starts
        return sparse.csr_matrix(content, (len(self.keys), width))


def _overlap(a: NDArray[np.uint32], b: NDArray[np.uint32]) -> float:
    """Return the estimated share of the smaller article's shingles that both have."""
    full = [row for row in (a, b) if len(row) == _SKETCH]
    if full:
        # Up to here both are complete; a sketch that is not full holds all of its article's shingles anyway.
        bound = min(int(row[-1]) for row in full)
        a, b = a[a <= bound], b[b <= bound]
    common = len(np.intersect1d(a, b, assume_unique=True))
    return common / max(1, min(len(a), len(b))) if not full or common >= _FEWEST else 0.0


def _keys(dataset: Dataset) -> NDArray[np.uint64]:
    return np.array([int(split_key(document)[:16], 16) for document in dataset.documents], np.uint64)
