"""Compiled loops that split a text into the tokens of names: runs of letters or of digits, without diacritics."""

from __future__ import annotations

import numpy as np
from numba import njit

from features.bits import trailing_zeros
from features.word_kernel import fold, hash_bytes, rewrite

TOKEN_SEED = np.uint64(0x8F14E45FCEEA167A)
EXACT_SEED = np.uint64(0x3C6EF372FE94F82B)
_0, _1, _63 = np.uint64(0), np.uint64(1), np.uint64(63)

GLUED, SOFT, HARD, SENTENCE, LINE = range(5)
"""What stands between two tokens: nothing, what may stand inside a name, what may not, a sentence's end, a line's."""
_NEW_LINE, _SPACE, _STOP, _AMPERSAND = ord("\n"), ord(" "), ord("."), ord("&")
_HYPHEN, _APOSTROPHE, _SLASH, _UNDERSCORE = ord("-"), ord("'"), ord("/"), ord("_")
_EXCLAMATION, _QUESTION = ord("!"), ord("?")


@njit(cache=True, nogil=True)
def token_space(n_bytes):
    """Return the work space of `split_tokens` for texts of up to so many bytes.

    Returns
    -------
    tuple of ndarray
        For ``features.word_kernel.rewrite``: text, origin, capitals; the folded text; letters, digits, joiners.
    """
    n, masks = 2 * n_bytes + 80, n_bytes // 32 + 3
    return (
        np.empty(n, np.uint8),
        np.empty((n, 2), np.int32),
        np.empty(masks, np.uint64),
        np.empty(n, np.uint8),
        np.empty(masks, np.uint64),
        np.empty(masks, np.uint64),
        np.empty(masks, np.uint64),
    )


@njit(cache=True, nogil=True)
def _find_tokens(letters, digits, blocks, starts, ends):
    """Write where tokens start and end, and return how many there are."""
    letter_before = digit_before = _0
    n_starts = n_ends = 0
    for block in range(blocks):
        letter, digit = letters[block], digits[block]
        starting = letter & ~((letter << _1) | letter_before) | digit & ~((digit << _1) | digit_before)
        letter_after, digit_after = letters[block + 1] << _63, digits[block + 1] << _63
        ending = letter & ~((letter >> _1) | letter_after) | digit & ~((digit >> _1) | digit_after)
        letter_before, digit_before = letter >> _63, digit >> _63
        base = block << 6
        while starting != _0:
            starts[n_starts] = base + np.int64(trailing_zeros(starting))
            n_starts += 1
            starting &= starting - _1
        while ending != _0:
            ends[n_ends] = base + np.int64(trailing_zeros(ending)) + 1
            n_ends += 1
            ending &= ending - _1
    return n_starts


@njit(cache=True, nogil=True)
def _gap(text, start, end, after_short, before_capital):
    """Return what the characters between two tokens mean.

    A full stop and a space after a short token and before a capital may belong to a name: ``Lt. Col.``.
    """
    gap = SOFT
    stop = False
    for k in range(start, end):
        byte = text[k]
        if byte == _NEW_LINE:
            return LINE
        if byte == _STOP or byte == _EXCLAMATION or byte == _QUESTION:
            stop = True
            if byte != _STOP:
                gap = HARD
        elif not (
            byte == _SPACE
            or byte == _HYPHEN
            or byte == _APOSTROPHE
            or byte == _SLASH
            or byte == _UNDERSCORE
            or byte == _AMPERSAND
        ):
            gap = HARD
    length = end - start
    if stop and length > 1 and not (after_short and before_capital and gap == SOFT and length == 2):
        return SENTENCE
    return HARD if gap == SOFT and length > 3 else gap


@njit(cache=True, nogil=True, inline="always")
def is_capital(capitals, at):
    """Return whether the character that begins at byte `at` of the folded text was a capital."""
    return (capitals[at >> 6] >> np.uint64(at & 63)) & _1 != _0


@njit(cache=True, nogil=True)
def split_tokens(data, start, end, plain, tables, space, starts, ends, hashes, gaps):
    """Split one text into tokens.

    Parameters
    ----------
    data, start, end, plain
        A text of a ``features.packing.Packed``.
    tables : tuple of ndarray
        Those of ``features.characters.name_tables``.
    space : tuple of ndarray
        From `token_space`; receives the folded text (fourth), the capitals in it (third) and, for a text that is not
        `plain`, where each byte came from (second).
    starts, ends, hashes, gaps : ndarray of int32, int32, uint64 and uint8, shape (>= 2 * n_bytes + 1,)
        Receive the bytes of each token in the folded text, its hash, and what stands before it.

    Returns
    -------
    int
        Number of tokens.
    """
    rewritten, origin, capitals, text, letters, digits, joiners = space
    n = end - start
    if plain:
        capitals[: (n + 63) >> 6] = _0
        blocks = fold(data, start, n, text, letters, digits, joiners, capitals)
    else:
        n = rewrite(data, start, end, tables, rewritten, origin, capitals)
        blocks = fold(rewritten, 0, n, text, letters, digits, joiners, capitals)
    n_tokens = _find_tokens(letters, digits, blocks, starts, ends)
    before = 0
    for t in range(n_tokens):
        hashes[t] = hash_bytes(TOKEN_SEED, text, starts[t], ends[t])
        length = starts[t] - before
        if t == 0:
            gaps[t] = LINE
        elif length == 1 and text[before] == _SPACE:
            gaps[t] = SOFT
        elif length == 0:
            gaps[t] = GLUED
        else:
            short = ends[t - 1] - starts[t - 1] <= 3 and gaps[t - 1] != LINE
            gaps[t] = _gap(text, before, starts[t], short, is_capital(capitals, starts[t]))
        before = ends[t]
    return n_tokens


@njit(cache=True, nogil=True, inline="always")
def exact_hash(data, start, plain, origin, first, last):
    """Return the hash of the characters of a token as they were sent, case and diacritics included."""
    if plain:
        return hash_bytes(EXACT_SEED, data, start + first, start + last)
    end = origin[last - 1, 1]
    byte = data[end]
    width = 1 if byte < 0x80 else 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
    return hash_bytes(EXACT_SEED, data, np.int64(origin[first, 1]), np.int64(end + width))


@njit(cache=True, nogil=True, inline="always")
def point_span(plain, origin, first, last):
    """Return the span of the bytes ``[first, last)`` of a folded text in code points of the text."""
    if plain:
        return first, last
    return origin[first, 0], origin[last - 1, 0] + 1
