"""Compiled loops that find the phrases of a hash table in texts.

A phrase is a sequence of tokens, runs of letters or of digits, so that ``F-16``, ``F16`` and ``F 16`` are the same.
Every phrase and each of its beginnings stands in one open-addressing table, so a search goes on just as long as some
phrase may still follow.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from features.token_kernel import (
    GLUED,
    LINE,
    SENTENCE,
    SOFT,
    exact_hash,
    is_capital,
    point_span,
    split_tokens,
    token_space,
)
from features.word_kernel import bucket, follow, mix

FILTER_BITS = 18
"""A byte for each remainder of a token's hash tells whether phrases may begin with it: folded ones, exact ones."""
FOLDED, EXACT = 1, 2
_FILTER_SHIFT = np.uint64(64 - FILTER_BITS)
_ZERO = np.uint64(0)

PREFIX = -1
"""Value of a table entry that only begins a phrase."""
MISSING = -2


@njit(cache=True, nogil=True, inline="always")
def look_up(key, keys, values):
    """Return the value of `key`, or ``MISSING``."""
    slots = np.uint64(len(keys) - 1)
    slot = np.int64(key & slots)
    while keys[slot] != _ZERO:
        if keys[slot] == key:
            return values[slot]
        slot = (slot + 1) & np.int64(slots)
    return np.int32(MISSING)


@njit(cache=True, nogil=True)
def enter_phrases(data, starts, plain, tables, exact_case, first, keys, values):
    """Enter phrases and all their beginnings into an empty table.

    Parameters
    ----------
    data, starts, plain
        The phrases, as ``features.packing.pack`` gives them; phrase k gets the value k.
    tables : tuple of ndarray
        Those of ``features.characters.name_tables``.
    exact_case : ndarray of bool, shape (n_phrases,)
        Whether a phrase is entered with its case and diacritics.
    first, keys, values : ndarray
        Receive the table, see `match_phrases`. Where two phrases have the same tokens, the first holds.

    Returns
    -------
    bool
        False if the table became half full, and is not complete.
    """
    longest = np.max(np.diff(starts))
    space = token_space(longest)
    origin, text = space[1], space[3]
    begins, ends = np.empty(2 * longest + 2, np.int32), np.empty(2 * longest + 2, np.int32)
    hashes, gaps = np.empty(2 * longest + 2, np.uint64), np.empty(2 * longest + 2, np.uint8)
    slots = np.int64(len(keys) - 1)
    used = 0
    for phrase in range(len(plain)):
        at = starts[phrase]
        n = split_tokens(
            data, at, starts[phrase + 1], plain[phrase], tables, space, begins, ends, hashes, gaps
        )
        value = _ZERO
        for t in range(n):
            token = hashes[t]
            if t == 0:
                first[bucket(token, _FILTER_SHIFT)] |= EXACT if exact_case[phrase] else FOLDED
            if exact_case[phrase]:
                token = exact_hash(data, at, plain[phrase], origin, text, begins[t], ends[t])
            value = token if t == 0 else follow(value, token)
            key = mix(value)
            slot = np.int64(key) & slots
            while keys[slot] != _ZERO and keys[slot] != key:
                slot = (slot + 1) & slots
            if keys[slot] == _ZERO:
                if 2 * used > slots:
                    return False
                used += 1
                keys[slot] = key
                values[slot] = PREFIX
            if t == n - 1 and values[slot] == PREFIX:
                values[slot] = phrase
    return True


@njit(cache=True, nogil=True)
def _in_slug(t, n, gaps, begins, capitals):
    """Return whether a token stands in a line of at least three words without a capital, as portals put into addresses."""
    first = t
    while first > 0 and gaps[first] != LINE:
        first -= 1
    last = first
    while last < n and (last == first or gaps[last] != LINE):
        if is_capital(capitals, begins[last]):
            return False
        last += 1
    return last - first >= 3


@njit(cache=True, nogil=True)
def match_phrases(data, starts, plain, tables, first, keys, values, slug_values):
    """Find the longest phrases in texts, from left to right, without overlap.

    Parameters
    ----------
    data, starts, plain
        The texts, as ``features.packing.pack`` gives them.
    tables : tuple of ndarray
        Those of ``features.characters.name_tables``.
    first : ndarray of uint8, shape (2**FILTER_BITS,)
        Which kinds of phrases may begin with a token, by the bucket of its hash.
    keys, values : ndarray of uint64 and int32
        Open-addressing table of phrases and beginnings; a value is the number of a phrase or ``PREFIX``.
    slug_values : ndarray of bool, shape (n_phrases,)
        Phrases that hold only in a line without any capital.

    Returns
    -------
    ndarray of int32, shape (n_matches, 7)
        Text, start, end (code points), phrase, sentence, and what is beside it: 1 a capitalised token one space before,
        2 one after; last, the number of tokens of the phrase.
    """
    longest = np.int64(0)
    for i in range(len(plain)):
        longest = max(longest, starts[i + 1] - starts[i])
    space = token_space(longest)
    origin, capitals, folded = space[1], space[2], space[3]
    begins, ends = np.empty(2 * longest + 2, np.int32), np.empty(2 * longest + 2, np.int32)
    hashes, gaps = np.empty(2 * longest + 2, np.uint64), np.empty(2 * longest + 2, np.uint8)
    found = np.empty((256, 7), np.int32)
    n_found = 0
    for text in range(len(plain)):
        at, is_plain = starts[text], plain[text]
        n = split_tokens(data, at, starts[text + 1], is_plain, tables, space, begins, ends, hashes, gaps)
        sentence = 0
        t = 0
        while t < n:
            if gaps[t] >= SENTENCE and t > 0:
                sentence += 1
            kinds = first[bucket(hashes[t], _FILTER_SHIFT)]
            if kinds == 0 or (t > 0 and gaps[t] == GLUED):
                t += 1
                continue
            best, best_end = np.int32(PREFIX), t
            for kind in (FOLDED, EXACT):
                if kinds & kind == 0:
                    continue
                value = hashes[t]
                if kind == EXACT:
                    value = exact_hash(data, at, is_plain, origin, folded, begins[t], ends[t])
                end = t
                while True:
                    hit = look_up(mix(value), keys, values)
                    if hit == MISSING:
                        break
                    if hit >= 0 and (not slug_values[hit] or _in_slug(t, n, gaps, begins, capitals)):
                        if end + 1 >= n or gaps[end + 1] != GLUED:
                            if end + 1 >= best_end:
                                best, best_end = hit, end + 1
                        # No match ends inside a sequence like F16, except before a short suffix: F-16C.
                        elif (
                            end + 2 > best_end
                            and end > t
                            and ends[end] - begins[t] >= 3
                            and ends[end + 1] - begins[end + 1] <= 3
                        ):
                            best, best_end = hit, end + 2
                    end += 1
                    if end >= n or gaps[end] > SOFT:
                        break
                    token = hashes[end]
                    if kind == EXACT:
                        token = exact_hash(data, at, is_plain, origin, folded, begins[end], ends[end])
                    value = follow(value, token)
            if best < 0:
                t += 1
                continue
            if n_found == len(found):
                wider = np.empty((2 * n_found, 7), np.int32)
                wider[:n_found] = found
                found = wider
            beside = 0
            if t > 0 and gaps[t] == SOFT and begins[t] - ends[t - 1] == 1 and is_capital(capitals, begins[t - 1]):
                beside |= 1
            after = best_end < n and gaps[best_end] == SOFT and begins[best_end] - ends[best_end - 1] == 1
            if after and is_capital(capitals, begins[best_end]):
                beside |= 2
            left, right = point_span(is_plain, origin, begins[t], ends[best_end - 1])
            found[n_found, 0], found[n_found, 1], found[n_found, 2] = text, left, right
            found[n_found, 3], found[n_found, 4], found[n_found, 5] = best, sentence, beside
            found[n_found, 6] = best_end - t
            n_found += 1
            t = best_end
    return found[:n_found].copy()
