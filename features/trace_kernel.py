"""Compiled loop that finds for every n-gram of a text the characters it came from."""

from __future__ import annotations

import numpy as np
from numba import njit

from features.kernels import char_buckets, follow, mix, split_words


@njit(cache=True, nogil=True)
def trace_ngrams(packed, length, page, kind, folded, words, chars, n_features):
    """List every n-gram of one text with the characters it came from.

    Parameters
    ----------
    packed, page, kind, folded, words, chars, n_features
        As for `count_ngrams`, for one text of `length` code points.

    Returns
    -------
    columns, starts, ends : ndarray of int64
        Column and span (offsets into the text in code points, the spaces around a word not counted) of each occurrence.
    """
    points = np.empty(length + 1, np.uint32)
    origin = np.empty(length + 1, np.int32)
    first = np.empty(length // 2 + 2, np.int32)
    last = np.empty(length // 2 + 2, np.int32)
    hashes = np.empty(length // 2 + 2, np.uint64)
    n_words, _ = split_words(packed, 0, length, page, kind, folded, points, origin, first, last, hashes)
    mask = np.uint64(n_features - 1)
    most = n_words * words[1] + (length + 2 * n_words) * (chars[1] - chars[0] + 1)
    columns = np.empty(most, np.int64)
    starts = np.empty(most, np.int64)
    ends = np.empty(most, np.int64)
    at = 0
    if words[1] > 0:
        for i in range(n_words):
            value = hashes[i]
            for n in range(1, min(words[1], n_words - i) + 1):
                if n > 1:
                    value = follow(value, hashes[i + n - 1])
                if n >= words[0]:
                    columns[at] = np.int64(mix(value) & mask)
                    starts[at] = origin[first[i]]
                    ends[at] = origin[last[i + n - 1] - 1] + 1
                    at += 1
    if chars[1] > 0:
        offset = n_features if words[1] > 0 else 0
        grams = np.empty((length + 2) * (chars[1] - chars[0] + 1), np.uint32)
        for i in range(n_words):
            n = char_buckets(points, first[i], last[i], chars[0], chars[1], mask, grams, 0)
            padded = last[i] - first[i] + 2
            k = 0
            for left in range(max(1, padded - chars[0] + 1)):
                for size in range(min(chars[0], padded), min(chars[1], padded - left) + 1):
                    columns[at] = offset + grams[k]
                    # The spaces around the word are no characters of the text: an n-gram of them alone is empty.
                    begin = min(max(left - 1, 0), padded - 3)
                    end = max(min(left + size - 1, padded - 2), 0)
                    starts[at] = origin[first[i] + begin] if left <= padded - 2 else origin[last[i] - 1] + 1
                    ends[at] = max(starts[at], origin[first[i] + end - 1] + 1) if end > 0 else starts[at]
                    k += 1
                    at += 1
            assert k == n
    return columns[:at], starts[:at], ends[:at]
