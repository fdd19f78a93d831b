"""Compiled loops under the n-gram vectoriser.

Texts come as one UTF-8 buffer. For each text one pass folds case and splits words; the n-grams of its words are hashed
into buckets, the buckets are sorted by radix, and each is written once with its count: a row of a CSR matrix.

The hash of a word or of a character n-gram is ``h ← (h XOR character) · P`` modulo 2**64 from a seed of its own;
that of several words is ``h ← ((h · P) XOR word) · P`` from the hash of the first. Both are finished by MurmurHash3's
``fmix64`` (Appleby, 2011); a bucket is the remainder by the number of features, a power of two.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from features import caching
from features.characters import IGNORABLE, JOINER, SEPARATOR

caching.prepare()

PRIME = np.uint64(0x9E3779B97F4A7C15)
WORD_SEED = np.uint64(0x51ED270B0E02B7A1)
CHAR_SEED = np.uint64(0xC2B2AE3D27D4EB4F)
_MIX_1 = np.uint64(0xFF51AFD7ED558CCD)
_MIX_2 = np.uint64(0xC4CEB9FE1A85EC53)
_S33 = np.uint64(33)
_SPACE = np.uint32(32)
_ZERO = np.uint64(0)
MEMO_WORD = 32
"""Words longer than this are hashed anew each time."""


@njit(cache=True, nogil=True, inline="always")
def mix(value):
    """Finish a hash: MurmurHash3's fmix64."""
    value ^= value >> _S33
    value *= _MIX_1
    value ^= value >> _S33
    value *= _MIX_2
    return value ^ (value >> _S33)


@njit(cache=True, nogil=True, inline="always")
def follow(value, word):
    """Return the hash of a sequence and one more word; XOR alone would not tell "A beats B" from "B beats A"."""
    return ((value * PRIME) ^ word) * PRIME


@njit(cache=True, nogil=True, inline="always")
def decode(packed, at):
    """Return the code point whose UTF-8 bytes begin at `at`, and the byte after it."""
    byte = np.int64(packed[at])
    if byte < 0x80:
        return byte, at + 1
    if byte < 0xE0:
        return ((byte & 0x1F) << 6) | np.int64(packed[at + 1] & 0x3F), at + 2
    if byte < 0xF0:
        return ((byte & 0x0F) << 12) | (np.int64(packed[at + 1] & 0x3F) << 6) | np.int64(packed[at + 2] & 0x3F), at + 3
    high = ((byte & 0x07) << 18) | (np.int64(packed[at + 1] & 0x3F) << 12)
    return high | (np.int64(packed[at + 2] & 0x3F) << 6) | np.int64(packed[at + 3] & 0x3F), at + 4


@njit(cache=True, nogil=True)
def split_words(packed, at, length, page, kind, folded, points, origin, starts, ends, hashes):
    """Fold one text and split it into words.

    Parameters
    ----------
    packed : ndarray of uint8
        UTF-8 bytes of many texts; lone surrogates are encoded as three bytes.
    at : int
        Byte at which this text begins.
    length : int
        Its length in code points.
    page, kind, folded : ndarray
        The tables of ``features.characters``.
    points, origin : ndarray of uint32 and int32, shape (>= length,)
        Receive the folded code points and the offset of each in the text.
    starts, ends, hashes : ndarray of int32, int32 and uint64, shape (>= length // 2 + 1,)
        Receive the words: offsets into `points`, and hash.

    Returns
    -------
    tuple of int
        Number of words, and the byte after the text.
    """
    n_points = n_words = 0
    start = -1
    seen = np.uint8(SEPARATOR)
    joined = False  # whether the last character of the open word is a joiner, still to be confirmed
    word_hash = WORD_SEED
    before_joiner = WORD_SEED
    for position in range(length):
        point, at = decode(packed, at)
        cell = (np.int64(page[point >> 8]) << 8) | (point & 0xFF)
        seen = kind[cell]
        if seen == 1:
            point_folded = folded[cell]
            if start < 0:
                start = n_points
                word_hash = WORD_SEED
            word_hash = (word_hash ^ np.uint64(point_folded)) * PRIME
            joined = False
        elif seen == IGNORABLE:
            continue
        elif seen == JOINER and start >= 0 and not joined:
            point_folded = folded[cell]
            before_joiner = word_hash
            word_hash = (word_hash ^ np.uint64(point_folded)) * PRIME
            joined = True
        else:
            if start >= 0:
                starts[n_words] = start
                ends[n_words] = n_points - 1 if joined else n_points
                hashes[n_words] = before_joiner if joined else word_hash
                n_words += 1
                start = -1
                joined = False
            continue
        points[n_points] = point_folded
        origin[n_points] = position
        n_points += 1
    if start >= 0:
        starts[n_words] = start
        ends[n_words] = n_points - 1 if joined else n_points
        hashes[n_words] = before_joiner if joined else word_hash
        n_words += 1
    return n_words, at


@njit(cache=True, nogil=True, inline="always")
def _at(points, start, end, k):
    """Return code point `k` of the word ``points[start:end]`` with a space before and after it."""
    return _SPACE if k == 0 or k == end - start + 1 else points[start + k - 1]


@njit(cache=True, nogil=True)
def char_buckets(points, start, end, low, high, mask, out, at):
    """Write the buckets of a word's padded character n-grams to `out` from `at` on and return how many there are.

    As scikit-learn's ``char_wb``: a padded word no longer than n is one n-gram, and counts once.
    """
    padded = end - start + 2
    n = 0
    for i in range(padded - low + 1):
        value = CHAR_SEED
        for k in range(low - 1):
            value = (value ^ np.uint64(_at(points, start, end, i + k))) * PRIME
        for k in range(low - 1, min(high, padded - i)):
            value = (value ^ np.uint64(_at(points, start, end, i + k))) * PRIME
            out[at + n] = mix(value) & mask
            n += 1
    if padded < low:
        value = CHAR_SEED
        for k in range(padded):
            value = (value ^ np.uint64(_at(points, start, end, k))) * PRIME
        out[at] = mix(value) & mask
        n = 1
    return n


@njit(cache=True, nogil=True)
def _word_buckets(hashes, n_words, low, high, mask, out):
    """Write the buckets of a text's word n-grams to `out` and return how many there are."""
    at = 0
    for i in range(n_words):
        value = hashes[i]
        if low == 1:
            out[at] = mix(value) & mask
            at += 1
        for n in range(2, min(high, n_words - i) + 1):
            value = follow(value, hashes[i + n - 1])
            if n >= low:
                out[at] = mix(value) & mask
                at += 1
    return at


@njit(cache=True, nogil=True)
def _remembered_buckets(points, starts, ends, hashes, n_words, low, high, mask, memo, out):
    """Write the buckets of a text's character n-grams to `out`; those of short words are remembered."""
    keys, spans, pool, used = memo
    slots = np.uint64(len(keys) - 1)
    at = 0
    for i in range(n_words):
        start, end = starts[i], ends[i]
        slot = np.int64((hashes[i] >> np.uint64(20)) & slots)
        if keys[slot] == hashes[i]:
            for k in range(spans[slot, 0], spans[slot, 1]):
                out[at] = pool[k]
                at += 1
            continue
        n = char_buckets(points, start, end, low, high, mask, out, at)
        if keys[slot] == _ZERO and end - start <= MEMO_WORD and used[0] + n <= len(pool):
            keys[slot] = hashes[i]
            spans[slot, 0] = used[0]
            for k in range(n):
                pool[used[0] + k] = out[at + k]
            used[0] += n
            spans[slot, 1] = used[0]
        at += n
    return at


@njit(cache=True, nogil=True)
def sort_buckets(buckets, n, spare, bits):
    """Sort the first `n` buckets, which have `bits` bits, by radix in two passes.

    The pass over all digits at once and the small histograms keep everything in the first-level cache, where counting
    in an array of all buckets misses it with nearly every n-gram.
    """
    if n < 48:
        for i in range(1, n):
            value = buckets[i]
            k = i - 1
            while k >= 0 and buckets[k] > value:
                buckets[k + 1] = buckets[k]
                k -= 1
            buckets[k + 1] = value
        return
    half = np.uint32((bits + 1) // 2)
    low_mask = np.uint32((1 << half) - 1)
    low_counts = np.zeros(low_mask + 1, np.int32)
    high_counts = np.zeros(low_mask + 1, np.int32)
    for i in range(n):
        low_counts[buckets[i] & low_mask] += 1
        high_counts[buckets[i] >> half] += 1
    low_at = high_at = np.int32(0)
    for k in range(low_mask + 1):
        low_n, high_n = low_counts[k], high_counts[k]
        low_counts[k], high_counts[k] = low_at, high_at
        low_at += low_n
        high_at += high_n
    for i in range(n):
        digit = buckets[i] & low_mask
        spare[low_counts[digit]] = buckets[i]
        low_counts[digit] += 1
    for i in range(n):
        digit = spare[i] >> half
        buckets[high_counts[digit]] = spare[i]
        high_counts[digit] += 1


@njit(cache=True, nogil=True)
def _emit(buckets, n, offset, sublinear, idf, unit, columns, values, at):
    """Append sorted buckets, each once with its count, and weigh them."""
    first = at
    total = 0.0
    i = 0
    while i < n:
        bucket = buckets[i]
        following = i + 1
        while following < n and buckets[following] == bucket:
            following += 1
        value = np.float32(following - i)
        i = following
        if sublinear and value > 1:
            value = np.float32(1.0) + np.log(value)
        if len(idf) > 0:
            value *= idf[offset + bucket]
        columns[at] = offset + bucket
        values[at] = value
        total += value * value
        at += 1
    if unit and total > 0:
        scale = np.float32(1.0 / np.sqrt(total))
        for k in range(first, at):
            values[k] *= scale
    return at


@njit(cache=True, nogil=True)
def _widened(array, used, more):
    """Return a copy of `array` with room for `more` behind the `used` first elements."""
    wider = np.empty(max(2 * len(array), used + more), array.dtype)
    wider[:used] = array[:used]
    return wider


@njit(cache=True, nogil=True)
def count_ngrams(packed, lengths, page, kind, folded, words, chars, n_features, sublinear, idf, unit, memo):
    """Turn packed texts into a matrix of n-gram weights in CSR form.

    Parameters
    ----------
    packed : ndarray of uint8
        UTF-8 bytes of all texts, one behind the other.
    lengths : ndarray of int64, shape (n_texts,)
        Code points of each text.
    page, kind, folded : ndarray
        The tables of ``features.characters``.
    words, chars : tuple of int
        Smallest and largest n of word and of character n-grams; ``(0, 0)`` for none.
    n_features : int
        Buckets of each of the two blocks, a power of two; character n-grams come behind those of words.
    sublinear : bool
        Whether a count c weighs 1 + ln c.
    idf : ndarray of float32
        A factor for every column, or empty.
    unit : bool
        Whether each block of a row is scaled to Euclidean length 1.
    memo : tuple of ndarray
        Keys, spans, pool and fill of the memory of words; valid for one setting of `chars` and `n_features`.

    Returns
    -------
    indptr, columns, values : ndarray of int64, int32 and float32
        Rows have their columns in order, none twice.
    """
    longest = 0
    for i in range(len(lengths)):
        longest = max(longest, lengths[i])
    points = np.empty(longest + 1, np.uint32)
    origin = np.empty(longest + 1, np.int32)
    starts = np.empty(longest // 2 + 2, np.int32)
    ends = np.empty(longest // 2 + 2, np.int32)
    hashes = np.empty(longest // 2 + 2, np.uint64)
    most = (longest // 2 + 2) * words[1] + 2 * (longest + 2) * max(1, chars[1] - chars[0] + 1)
    buckets = np.empty(most, np.uint32)
    spare = np.empty(most, np.uint32)
    bits = 0
    while (1 << bits) < n_features:
        bits += 1
    word_block = n_features if words[1] > 0 else 0
    mask = np.uint64(n_features - 1)
    indptr = np.zeros(len(lengths) + 1, np.int64)
    capacity = 4096 + np.sum(lengths) // 2 * ((words[1] > 0) + 3 * (chars[1] > 0))
    columns = np.empty(capacity, np.int32)
    values = np.empty(capacity, np.float32)
    at = byte = 0
    for i in range(len(lengths)):
        n_words, byte = split_words(packed, byte, lengths[i], page, kind, folded, points, origin, starts, ends, hashes)
        for block in range(2):
            if block == 0 and words[1] > 0:
                n = _word_buckets(hashes, n_words, words[0], words[1], mask, buckets)
            elif block == 1 and chars[1] > 0:
                n = _remembered_buckets(points, starts, ends, hashes, n_words, chars[0], chars[1], mask, memo, buckets)
            else:
                continue
            if at + n > len(columns):
                columns = _widened(columns, at, n)
                values = _widened(values, at, n)
            sort_buckets(buckets, n, spare, bits)
            at = _emit(buckets, n, word_block if block == 1 else 0, sublinear, idf, unit, columns, values, at)
        indptr[i + 1] = at
    return indptr, columns[:at], values[:at]
