"""Compiled loops under the n-gram vectoriser: words become counted n-grams, sorted by column.

For each text the n-grams are counted in an array with a cell for every bucket, small enough for the second-level cache,
and marked in a bit set. The bits, read in order, give the columns of the row, sorted and each once: no sorting, no
search. The character n-grams of a word are always the same, so those of short words are remembered.

The hash of a character n-gram is ``h ← (h XOR character) · P`` modulo 2**64 from a seed; see ``features.word_kernel``
for the rest.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from features.bits import set_bits, trailing_zeros
from features.word_kernel import PRIME, bucket, decode, follow, split_words, word_space

CHAR_SEED = np.uint64(0xC2B2AE3D27D4EB4F)
MEMO_BYTES = 32
"""Words longer than this are hashed anew each time."""
_SPACE = np.uint32(32)
_0, _1, _6, _12, _20, _32, _63 = (np.uint64(n) for n in (0, 1, 6, 12, 20, 32, 63))
_LOW_HALF = np.uint64(2**32 - 1)
_SPECULATIVE = 3
"""Columns written for each 64 buckets without looking how many are set, which the processor could not foresee."""


@njit(cache=True, nogil=True)
def read_word(text, start, end, points, places):
    """Decode a folded word into `points` with a space before and after it; return its length with both.

    `places` receives the byte at which each character begins, for character k at k.
    """
    n = 0
    while start < end:
        places[n] = start
        point, start = decode(text, start)
        n += 1
        points[n] = point
    points[0] = points[n + 1] = _SPACE
    return n + 2


@njit(cache=True, nogil=True)
def char_buckets(points, padded, low, high, shift, out, at):
    """Write the buckets of a padded word's character n-grams to `out` from `at` on and return how many there are.

    As scikit-learn's ``char_wb``: a padded word no longer than n is one n-gram, and counts once.
    """
    first = at
    for i in range(padded - low + 1):
        value = CHAR_SEED
        for k in range(low - 1):
            value = (value ^ np.uint64(points[i + k])) * PRIME
        for k in range(low - 1, min(high, padded - i)):
            value = (value ^ np.uint64(points[i + k])) * PRIME
            out[at] = bucket(value, shift)
            at += 1
    if padded < low:
        value = CHAR_SEED
        for k in range(padded):
            value = (value ^ np.uint64(points[k])) * PRIME
        out[at] = bucket(value, shift)
        at += 1
    return at - first


@njit(cache=True, nogil=True, inline="always")
def _count(counts, marks, place):
    """Count one n-gram."""
    counts[place] += 1
    marks[place >> 6] |= _1 << np.uint64(place & 63)


@njit(cache=True, nogil=True)
def _count_words(hashes, n_words, low, high, shift, counts, marks, summary):
    """Count the word n-grams of a text; `summary` has a bit for each element of `marks` that is not 0."""
    for i in range(n_words):
        value = hashes[i]
        for n in range(1, min(high, n_words - i) + 1):
            if n > 1:
                value = follow(value, hashes[i + n - 1])
            if n >= low:
                place = bucket(value, shift)
                _count(counts, marks, place)
                summary[place >> 12] |= _1 << np.uint64((place >> 6) & 63)


@njit(cache=True, nogil=True)
def _count_chars(text, bounds, hashes, n_words, low, high, shift, counts, marks, memo, scratch):
    """Count the character n-grams of a text; a word that comes again is counted at once, as often as it comes."""
    table, pool, used, times = memo
    points, places, buckets, seen = scratch
    slots = len(table) - 1
    n_seen = 0
    for i in range(n_words):
        slot = np.int64(hashes[i] >> _20) & slots
        if table[slot, 0] != hashes[i]:
            slot ^= 1
        if table[slot, 0] == hashes[i]:
            seen[n_seen] = slot
            n_seen += times[slot] == 0
            times[slot] += 1
            continue
        start, end = bounds[2 * i], bounds[2 * i + 1]
        padded = read_word(text, start, end, points, places)
        n = char_buckets(points, padded, low, high, shift, buckets, 0)
        for k in range(n):
            _count(counts, marks, np.int64(buckets[k]))
        if table[slot, 0] != _0:
            slot ^= 1
        if table[slot, 0] == _0 and end - start <= MEMO_BYTES and used[0] + n <= len(pool):
            table[slot, 0] = hashes[i]
            table[slot, 1] = (np.uint64(used[0]) << _32) | np.uint64(n)
            pool[used[0] : used[0] + n] = buckets[:n]
            used[0] += n
    for k in range(n_seen):
        entry, count = table[seen[k], 1], times[seen[k]]
        times[seen[k]] = 0
        first = np.int64(entry >> _32)
        for at in range(first, first + np.int64(entry & _LOW_HALF)):
            place = np.int64(pool[at])
            counts[place] += count
            marks[place >> 6] |= _1 << np.uint64(place & 63)


@njit(cache=True, nogil=True)
def _columns_of_few(marks, summary, columns, at):
    """Append the marked buckets, in order, where few are; wipe the marks."""
    for s in range(len(summary)):
        groups = summary[s]
        summary[s] = _0
        while groups != _0:
            k = (s << 6) + np.int64(trailing_zeros(groups))
            groups &= groups - _1
            bits = marks[k]
            marks[k] = _0
            while bits != _0:
                columns[at] = (k << 6) + np.int64(trailing_zeros(bits))
                at += 1
                bits &= bits - _1
    return at


@njit(cache=True, nogil=True)
def _columns_of_many(marks, columns, at):
    """Append the marked buckets, in order; wipe the marks. May write a few cells beyond what it returns."""
    for k in range(len(marks)):
        bits = marks[k]
        marks[k] = _0
        n = np.int64(set_bits(bits))
        for extra in range(_SPECULATIVE):
            columns[at + extra] = (k << 6) + np.int64(trailing_zeros(bits) & _63)
            bits &= bits - _1
        for extra in range(_SPECULATIVE, n):
            columns[at + extra] = (k << 6) + np.int64(trailing_zeros(bits))
            bits &= bits - _1
        at += n
    return at


@njit(cache=True, nogil=True)
def _weigh(columns, values, first, at, offset, counts, sublinear, idf, unit):
    """Turn the counts of a row's buckets into weights, wipe them, and move the columns to their block."""
    total = 0.0
    for k in range(first, at):
        place = np.int64(columns[k])
        count = np.int64(counts[place])
        counts[place] = 0
        column = place + offset
        weight = np.float32(count)
        if len(sublinear) > 0:
            weight = sublinear[count] if count < len(sublinear) else np.float32(1.0) + np.log(weight)
        if len(idf) > 0:
            weight *= idf[column]
        columns[k] = column
        values[k] = weight
        total += weight * weight
    if unit and total > 0:
        scale = np.float32(1.0 / np.sqrt(total))
        for k in range(first, at):
            values[k] *= scale


@njit(cache=True, nogil=True)
def count_ngrams(
    data, starts, plain, row, tables, words, chars, shift, weights, counters, memo, columns, values, indptr, at
):
    """Append rows of n-gram weights to a matrix in CSR form, until there is no room for one more.

    Parameters
    ----------
    data, starts, plain
        The texts, as ``features.packing.pack`` gives them.
    row : int
        The text to begin with.
    tables : tuple of ndarray
        Those of ``features.characters.character_tables``.
    words, chars : tuple of int
        Smallest and largest n of word and of character n-grams; ``(0, 0)`` for none.
    shift : int
        64 less the bits of a bucket. Character n-grams come behind those of words.
    weights : tuple
        Weight of each small count, or empty where counts stay as they are (ndarray of float32); a factor for every
        column, or empty (ndarray of float32); whether each block of a row is scaled to Euclidean length 1.
    counters : tuple of ndarray
        Work space, all zeros: counts (one a bucket, of a type that holds as many as a text has n-grams),
        marks (uint64, a bit a bucket) and their summary (uint64, a bit for each of `marks`).
    memo : tuple of ndarray
        Table, pool, fill and, all zeros, work space of the memory of words; for one setting of `chars` and `shift`.
    columns, values, indptr : ndarray of int32, float32 and int64
        Receive the matrix; `indptr` has an element more than there are texts.
    at : int
        Cells of `columns` in use.

    Returns
    -------
    tuple of int
        The first text without a row, and the cells in use.
    """
    counts, marks, summary = counters
    sublinear, idf, unit = weights
    longest = 0
    for i in range(row, len(plain)):
        longest = max(longest, starts[i + 1] - starts[i])
    space = word_space(longest, False)
    text = space[3]
    bounds, hashes = np.empty(2 * longest + 4, np.int32), np.empty(longest + 2, np.uint64)
    width = max(1, chars[1] - chars[0] + 1)
    scratch = (
        np.empty(2 * longest + 2, np.uint32),
        np.empty(2 * longest + 2, np.int32),
        np.empty((2 * longest + 4) * width if chars[1] > 0 else 0, np.int64),
        np.empty(longest + 2, np.int32),
    )
    block = len(counts) if words[1] > 0 else 0
    for i in range(row, len(plain)):
        n_words = split_words(data, starts[i], starts[i + 1], plain[i], tables, space, bounds, hashes)
        n_bytes = bounds[2 * n_words - 1] + 2 * n_words if n_words > 0 else 0
        most = n_words * words[1] + (min(n_bytes * width, len(counts)) if chars[1] > 0 else 0)
        if at + most + _SPECULATIVE > len(columns):
            return i, at
        if words[1] > 0:
            first = at
            _count_words(hashes, n_words, words[0], words[1], shift, counts, marks, summary)
            at = _columns_of_few(marks, summary, columns, at)
            _weigh(columns, values, first, at, 0, counts, sublinear, idf, unit)
        if chars[1] > 0:
            first = at
            _count_chars(text, bounds, hashes, n_words, chars[0], chars[1], shift, counts, marks, memo, scratch)
            at = _columns_of_many(marks, columns, at)
            _weigh(columns, values, first, at, block, counts, sublinear, idf, unit)
        indptr[i + 1] = at
    return len(plain), at
