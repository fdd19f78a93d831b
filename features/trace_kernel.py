"""Compiled loop that finds for every n-gram of a text the characters it came from."""

from __future__ import annotations

import numpy as np
from numba import njit

from features.ngram_kernel import char_buckets, read_word
from features.word_kernel import bucket, follow, split_words, word_space


@njit(cache=True, nogil=True)
def trace_ngrams(data, starts, tables, words, chars, shift, block):
    """List every n-gram of one text with the characters it came from.

    Parameters
    ----------
    data, starts, tables, words, chars, shift
        As for ``features.ngram_kernel.count_ngrams``, for a single text.
    block : int
        Column at which character n-grams begin.

    Returns
    -------
    columns, starts, ends : ndarray of int64
        Column and span (offsets into the text in code points, the spaces around a word not counted) of each occurrence.
    """
    n_bytes = starts[1]
    space = word_space(n_bytes, True)
    origin, text = space[1][:, 0], space[3]
    bounds, hashes = np.empty(2 * n_bytes + 4, np.int32), np.empty(n_bytes + 2, np.uint64)
    n_words = split_words(data, 0, n_bytes, False, tables, space, bounds, hashes)
    most = n_words * words[1] + (2 * n_bytes + 2 * n_words) * (chars[1] - chars[0] + 1)
    columns, begins, ends = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64)
    at = 0
    for i in range(n_words if words[1] > 0 else 0):
        value = hashes[i]
        for n in range(1, min(words[1], n_words - i) + 1):
            if n > 1:
                value = follow(value, hashes[i + n - 1])
            if n >= words[0]:
                columns[at] = bucket(value, shift)
                begins[at] = origin[bounds[2 * i]]
                ends[at] = origin[bounds[2 * (i + n - 1) + 1] - 1] + 1
                at += 1
    points, places = np.empty(2 * n_bytes + 2, np.uint32), np.empty(2 * n_bytes + 2, np.int32)
    buckets = np.empty((2 * n_bytes + 4) * max(1, chars[1] - chars[0] + 1), np.int64)
    for i in range(n_words if chars[1] > 0 else 0):
        padded = read_word(text, bounds[2 * i], bounds[2 * i + 1], points, places)
        n = char_buckets(points, padded, chars[0], chars[1], shift, buckets, 0)
        k = 0
        for left in range(max(1, padded - chars[0] + 1)):
            for size in range(min(chars[0], padded), min(chars[1], padded - left) + 1):
                columns[at] = block + buckets[k]
                # The spaces around the word are no characters of the text: an n-gram of them alone is empty.
                begin = min(max(left - 1, 0), padded - 3)
                end = max(min(left + size - 1, padded - 2), 0)
                begins[at] = origin[places[begin]] if left <= padded - 2 else origin[places[padded - 3]] + 1
                ends[at] = max(begins[at], origin[places[end - 1]] + 1) if end > 0 else begins[at]
                k += 1
                at += 1
        assert k == n
    return columns[:at], begins[:at], ends[:at]
