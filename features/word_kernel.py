"""Compiled loops that fold a text and split it into hashed words.

Vector instructions turn 64 bytes at once into masks of letters, digits and joiners, a bit a byte (Langdale and Lemire,
"Parsing gigabytes of JSON per second", 2019), and words begin and end where a mask changes. Text outside ASCII is first
rewritten, character by character, into folded UTF-8 of which every byte above 127 belongs to a word.

The hash of a word takes its folded UTF-8 bytes eight at a time: ``h ← (h XOR eight bytes) · P``, ``h ← h XOR (h >>
32)`` modulo 2**64, missing bytes read as 0. That of several words is ``h ← (h · P) XOR word`` from the hash of the
first. The bucket of a hash is the top bits of ``(h XOR (h >> 32)) · M``.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from features import caching
from features.bits import bytes_between, fold_64, load_8, store_8, trailing_zeros
from features.characters import CAPITAL

caching.prepare()

PRIME = np.uint64(0x9E3779B97F4A7C15)
"""2**64 divided by the golden ratio (Knuth, The Art of Computer Programming 3, 6.4)."""
WORD_SEED = np.uint64(0x51ED270B0E02B7A1)
_MIX = np.uint64(0xFF51AFD7ED558CCD)
"""First multiplier of MurmurHash3's fmix64 (Appleby, 2011)."""

_1, _32, _63 = (np.uint64(n) for n in (1, 32, 63))
_ZERO, _ALL = np.uint64(0), np.uint64(2**64 - 1)
_HIGH = np.uint64(0x8080808080808080)
_UPPER, _UPPER_END = b"AZ"
_LOWER, _LOWER_END = b"az"
_DIGIT, _DIGIT_END = b"09"
_HYPHEN, _APOSTROPHE, _GRAVE = b"-'`"


@njit(cache=True, nogil=True, inline="always")
def follow(value, word):
    """Return the hash of a sequence and one more word; XOR alone would not tell "A beats B" from "B beats A"."""
    return (value * PRIME) ^ word


@njit(cache=True, nogil=True, inline="always")
def mix(value):
    """Let every bit of a hash count in its top bits."""
    return (value ^ (value >> _32)) * _MIX


@njit(cache=True, nogil=True, inline="always")
def bucket(value, shift):
    """Return the bucket of a hash: its top ``64 - shift`` bits after mixing."""
    return np.int64(mix(value) >> shift)


@njit(cache=True, nogil=True, inline="always")
def load_most(data, at, left):
    """Return the eight bytes at `at`, of which only `left` count; the others are 0."""
    if left >= 8:
        return load_8(data, at)
    return load_8(data, at) & (_ALL >> np.uint64(64 - 8 * left)) if left > 0 else _ZERO


@njit(cache=True, nogil=True, inline="always")
def decode(data, at):
    """Return the code point whose UTF-8 bytes begin at `at`, and the byte after it."""
    byte = np.int64(data[at])
    if byte < 0x80:
        return byte, at + 1
    if byte < 0xE0:
        return ((byte & 0x1F) << 6) | np.int64(data[at + 1] & 0x3F), at + 2
    if byte < 0xF0:
        return ((byte & 0x0F) << 12) | (np.int64(data[at + 1] & 0x3F) << 6) | np.int64(data[at + 2] & 0x3F), at + 3
    high = ((byte & 0x07) << 18) | (np.int64(data[at + 1] & 0x3F) << 12)
    return high | (np.int64(data[at + 2] & 0x3F) << 6) | np.int64(data[at + 3] & 0x3F), at + 4


@njit(cache=True, nogil=True, inline="always")
def encode(point, out, at):
    """Write a code point as UTF-8 to `out` and return the byte after it."""
    if point < 0x80:
        out[at] = point
        return at + 1
    if point < 0x800:
        out[at] = 0xC0 | (point >> 6)
        out[at + 1] = 0x80 | (point & 0x3F)
        return at + 2
    if point < 0x10000:
        out[at] = 0xE0 | (point >> 12)
        out[at + 1] = 0x80 | ((point >> 6) & 0x3F)
        out[at + 2] = 0x80 | (point & 0x3F)
        return at + 3
    out[at] = 0xF0 | (point >> 18)
    out[at + 1] = 0x80 | ((point >> 12) & 0x3F)
    out[at + 2] = 0x80 | ((point >> 6) & 0x3F)
    out[at + 3] = 0x80 | (point & 0x3F)
    return at + 4


@njit(cache=True, nogil=True)
def rewrite(data, start, end, tables, out, origin, capitals):
    """Rewrite a text so that the rules of ASCII tell its words and every byte above 127 belongs to one.

    Parameters
    ----------
    data : ndarray of uint8
        UTF-8 bytes, the text from `start` to `end`.
    tables : tuple of ndarray
        Those of ``features.characters``; ASCII is left as it is.
    out : ndarray of uint8, shape (>= 2 * n_bytes + 8,)
        Receives UTF-8.
    origin : ndarray of int32, shape (>= 2 * n_bytes + 8, 2)
        Receives for each byte of `out` the offsets of its character in the text, in code points and in bytes of
        `data`; with no rows for nothing.
    capitals : ndarray of uint64, shape (>= n_bytes // 32 + 2,)
        Receives a bit for the first byte of each capital outside ASCII; empty for nothing.

    Returns
    -------
    int
        Number of bytes written.
    """
    page, kind, written = tables
    capitals[:] = _ZERO
    n = position = 0
    at = start
    while at < end:
        if at + 8 <= end:
            eight = load_8(data, at)
            if eight & _HIGH == _ZERO:
                store_8(out, n, eight)
                if len(origin) > 0:
                    for k in range(8):
                        origin[n + k, 0] = position + k
                        origin[n + k, 1] = at + k
                at, n, position = at + 8, n + 8, position + 8
                continue
        first, began = n, at
        point, at = decode(data, at)
        if point >= 0x80:
            cell = (np.int64(page[point >> 8]) << 8) | (point & 0xFF)
            if len(capitals) > 0 and kind[cell] == CAPITAL:
                capitals[n >> 6] |= _1 << np.uint64(n & 63)
            point = np.int64(written[cell])
        if point > 0 or at == began + 1:
            n = encode(point, out, n)
        if len(origin) > 0:
            for k in range(first, n):
                origin[k, 0] = position
                origin[k, 1] = began
        position += 1
    return n


@njit(cache=True, nogil=True)
def fold(source, start, n, out, letters, digits, joiners, capitals):
    """Fold ASCII letters and tell what each byte is.

    Parameters
    ----------
    source : ndarray of uint8
        ASCII, or what `rewrite` made: `n` bytes from `start` on, and at least 64 more behind them.
    out : ndarray of uint8, shape (>= n + 64,)
        Receives the folded bytes; those behind the last mean nothing.
    letters, digits, joiners : ndarray of uint64, shape (>= n // 64 + 2,)
        Receive a bit a byte; what is not ASCII counts as a letter.
    capitals : ndarray of uint64
        The bits of capitals are added to it; empty for nothing.

    Returns
    -------
    int
        Number of masks, of 64 bytes each; an empty one stands behind them.
    """
    blocks = (n + 63) >> 6
    for block in range(blocks):
        to = block << 6
        at, inside = start + to, _ALL >> np.uint64(max(0, to + 64 - n))
        upper = bytes_between(source, at, _UPPER, _UPPER_END) & inside
        lower = bytes_between(source, at, _LOWER, _LOWER_END) | bytes_between(source, at, 128, 255)
        joins = bytes_between(source, at, _HYPHEN, _HYPHEN) | bytes_between(source, at, _APOSTROPHE, _APOSTROPHE)
        letters[block] = upper | lower & inside
        digits[block] = bytes_between(source, at, _DIGIT, _DIGIT_END) & inside
        joiners[block] = (joins | bytes_between(source, at, _GRAVE, _GRAVE)) & inside
        if len(capitals) > 0:
            capitals[block] |= upper
        fold_64(source, at, out, to)
    letters[blocks] = digits[blocks] = _ZERO
    return blocks


@njit(cache=True, nogil=True)
def find_bounds(letters, digits, joiners, blocks, n, bounds):
    """Write where words begin and end, in turn, and return how many words there are.

    A joiner belongs to a word where the byte before it and the one after it do.
    """
    before = inside = _ZERO
    n_bounds = 0
    for block in range(blocks):
        here, after = letters[block] | digits[block], letters[block + 1] | digits[block + 1]
        whole = here | (joiners[block] & ((here << _1) | before) & ((here >> _1) | (after << _63)))
        changes = whole ^ ((whole << _1) | inside)
        before, inside = here >> _63, whole >> _63
        while changes != _ZERO:
            bounds[n_bounds] = (block << 6) + np.int64(trailing_zeros(changes))
            n_bounds += 1
            changes &= changes - _1
    if n_bounds & 1:
        bounds[n_bounds] = n
        n_bounds += 1
    return n_bounds >> 1


@njit(cache=True, nogil=True, inline="always")
def hash_bytes(seed, data, start, end):
    """Return the hash of the bytes ``data[start:end]``."""
    value = seed
    while end - start > 8:
        value = (value ^ load_8(data, start)) * PRIME
        value ^= value >> _32
        start += 8
    value = (value ^ load_most(data, start, end - start)) * PRIME
    return value ^ (value >> _32)


@njit(cache=True, nogil=True)
def word_space(n_bytes, traced):
    """Return the work space of `split_words` for texts of up to so many bytes.

    Returns
    -------
    tuple of ndarray
        For `rewrite`: text, origin (with rows only if `traced`), capitals; the folded text; letters, digits, joiners.
    """
    n, masks = 2 * n_bytes + 80, n_bytes // 32 + 3
    return (
        np.empty(n, np.uint8),
        np.empty((n if traced else 0, 2), np.int32),
        np.empty(0, np.uint64),
        np.empty(n, np.uint8),
        np.empty(masks, np.uint64),
        np.empty(masks, np.uint64),
        np.empty(masks, np.uint64),
    )


@njit(cache=True, nogil=True)
def split_words(data, start, end, plain, tables, space, bounds, hashes):
    """Split one text into words.

    Parameters
    ----------
    data, start, end, plain
        A text of a ``features.packing.Packed``.
    tables : tuple of ndarray
        Those of ``features.characters.character_tables``.
    space : tuple of ndarray
        From `word_space`; its fourth receives the folded text, its second, if it has rows, where each byte came from.
    bounds : ndarray of int32, shape (>= 2 * n_bytes + 2,)
        Receives begin and end of each word in the folded text, in turn.
    hashes : ndarray of uint64, shape (>= n_bytes + 1,)
        Receives the hash of each word.

    Returns
    -------
    int
        Number of words.
    """
    rewritten, origin, capitals, text, letters, digits, joiners = space
    n = end - start
    if plain and len(origin) == 0:
        blocks = fold(data, start, n, text, letters, digits, joiners, capitals)
    else:
        n = rewrite(data, start, end, tables, rewritten, origin, capitals)
        blocks = fold(rewritten, 0, n, text, letters, digits, joiners, capitals)
    n_words = find_bounds(letters, digits, joiners, blocks, n, bounds)
    for k in range(n_words):
        hashes[k] = hash_bytes(WORD_SEED, text, bounds[2 * k], bounds[2 * k + 1])
    return n_words
