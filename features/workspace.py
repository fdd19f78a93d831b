"""Memory that the n-gram loops use again and again: to make it costs more than to read a short text."""

from __future__ import annotations

import threading
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

_SHORT = 2**16 - 1
_WORDS = 2**16
"""Words whose character n-grams are remembered."""
_POOL = 2**21
"""Character n-grams of all remembered words."""


class Workspace(NamedTuple):
    """What ``features.ngram_kernel.count_ngrams`` takes under these names.

    Attributes
    ----------
    counters : tuple of ndarray
        Counts, marks, and their summary; all zeros between calls.
    memo : tuple of ndarray
        Table, pool and fill of the memory of words, and how often each comes in a text.
    """

    counters: tuple[NDArray[np.uint16] | NDArray[np.uint32], NDArray[np.uint64], NDArray[np.uint64]]
    memo: tuple[NDArray[np.uint64], NDArray[np.uint32], NDArray[np.int64], NDArray[np.uint32]]


_local = threading.local()


def workspace(n_features: int, chars: tuple[int, int], most: int) -> Workspace:
    """Return this thread's work space.

    Parameters
    ----------
    n_features : int
        Buckets.
    chars : tuple of int
        Smallest and largest n of character n-grams.
    most : int
        N-grams that a text may have. Counts of 16 bits leave most of the second-level cache to the rest.

    Returns
    -------
    Workspace
        The same one for the same arguments.
    """
    spaces: dict[Any, Workspace] = _local.__dict__.setdefault("spaces", {})
    key = (n_features, chars, most > _SHORT)
    if key not in spaces:
        counters = (
            np.zeros(n_features, np.uint32) if most > _SHORT else np.zeros(n_features, np.uint16),
            np.zeros(max(1, n_features // 64), np.uint64),
            np.zeros(max(1, n_features // 4096), np.uint64),
        )
        remembers = chars[1] > 0
        memo = (
            np.zeros((_WORDS if remembers else 2, 2), np.uint64),
            np.empty(_POOL if remembers else 0, np.uint32),
            np.zeros(1, np.int64),
            np.zeros(_WORDS if remembers else 2, np.uint32),
        )
        spaces[key] = Workspace(counters, memo)
    return spaces[key]
