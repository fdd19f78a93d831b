"""Compiled loops that find the phrases of a hash table in texts.

A phrase is a sequence of tokens, runs of letters or of digits, so that ``F-16``, ``F16`` and ``F 16`` are the same.
Every phrase and each of its beginnings stands in one open-addressing table, so a search goes on just as long as some
phrase may still follow.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from features.filter_kernel import EXACT, FOLDED, LONGER, find_candidates, note_beginning
from features.token_kernel import (
    GLUED,
    LINE,
    SENTENCE,
    SOFT,
    TOKEN_SEED,
    exact_hash,
    is_capital,
    point_span,
    split_tokens,
    token_space,
)
from features.word_kernel import follow, hash_bytes, mix

PREFIX = -1
"""Value of a table entry that only begins a phrase."""
MISSING = -2
_A, _H, _K, _L, _N, _P, _U, _Y = b"ahklnpuy"
_ZERO = np.uint64(0)
_NINE = ord("9")
_VALUE = np.uint64(2**24 - 1)
"""A cell of the table holds the top 40 bits of a key and below them a value, so that a search touches one line of
memory; its place comes from the low bits, so that together 60 bits and more tell keys apart."""


@njit(cache=True, nogil=True, inline="always")
def _cell(key, value):
    """Return the cell of a table for a key and its value, which is more than ``MISSING``; never 0."""
    return (key & ~_VALUE) | np.uint64(value - MISSING)


@njit(cache=True, nogil=True, inline="always")
def find_slot(key, table):
    """Return the place of `key` in the table, or the empty place where it belongs."""
    slots = len(table) - 1
    slot = np.int64(key) & slots
    while table[slot] != _ZERO and (table[slot] ^ key) > _VALUE:
        slot = (slot + 1) & slots
    return slot


@njit(cache=True, nogil=True, inline="always")
def look_up(key, table):
    """Return the value of `key`, or ``MISSING``."""
    return np.int64(table[find_slot(key, table)] & _VALUE) + MISSING


@njit(cache=True, nogil=True, inline="always")
def clitic_length(text, start, end):
    """Return how many last characters of a token may be an Indonesian clitic: -nya, -lah, -kah, -pun or -ku; else 0."""
    last, n = text[end - 1], end - start
    if n >= 5:
        second, third = text[end - 2], text[end - 3]
        if last == _A and second == _Y and third == _N:
            return 3
        if last == _H and second == _A and third in (_L, _K):
            return 3
        if last == _N and second == _U and third == _P:
            return 3
    return 2 if n >= 4 and last == _U and text[end - 2] == _K else 0


@njit(cache=True, nogil=True)
def enter_phrases(data, starts, plain, tables, exact_case, filters, table):
    """Enter phrases and all their beginnings into an empty table.

    Parameters
    ----------
    data, starts, plain
        The phrases, as ``features.packing.pack`` gives them; phrase k gets the value k.
    tables : tuple of ndarray
        Those of ``features.characters.name_tables``.
    exact_case : ndarray of bool, shape (n_phrases,)
        Whether a phrase is entered with its case and diacritics.
    filters, table
        Receive the phrases, see `match_phrases`. Where two phrases have the same tokens, the first holds.

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
    scratch = np.zeros(2 * longest + 16, np.uint8)
    used = 0
    for phrase in range(len(plain)):
        at = starts[phrase]
        n = split_tokens(data, at, starts[phrase + 1], plain[phrase], tables, space, begins, ends, hashes, gaps)
        value = _ZERO
        if n > 0:
            note_beginning(hashes, n, begins, ends, text, exact_case[phrase], scratch, *filters)
        for t in range(n):
            token = hashes[t]
            if exact_case[phrase]:
                token = exact_hash(data, at, plain[phrase], origin, begins[t], ends[t])
            value = token if t == 0 else follow(value, token)
            key = mix(value)
            slot = find_slot(key, table)
            if table[slot] == _ZERO:
                if 2 * used >= len(table):
                    return False
                used += 1
                table[slot] = _cell(key, PREFIX)
            if t == n - 1 and table[slot] == _cell(key, PREFIX):
                table[slot] = _cell(key, phrase)
    return True


@njit(cache=True, nogil=True)
def _in_slug(t, n, gaps, begins, capitals):
    """Return whether a token stands in a line of at least three words without a capital, as addresses hold them."""
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
def match_phrases(data, starts, plain, tables, filters, table, slug_values):
    """Find the longest phrases in texts, from left to right, without overlap.

    Parameters
    ----------
    data, starts, plain
        The texts, as ``features.packing.pack`` gives them.
    tables : tuple of ndarray
        Those of ``features.characters.name_tables``.
    filters : tuple of ndarray
        What phrases begin with: those of ``features.filter_kernel``.
    table : ndarray of uint64
        Open-addressing table of phrases and beginnings; a value is the number of a phrase or ``PREFIX``.
    slug_values : ndarray of bool, shape (n_phrases,)
        Phrases that hold only in a line without any capital.

    Returns
    -------
    ndarray of int32, shape (n_matches, 7)
        Text, start, end (code points), phrase, sentence, and what is beside it: 1 a capitalised token one space before,
        2 one after; last, the number of tokens of the phrase. A clitic behind a match does not belong to it.
    """
    longest = np.int64(0)
    for i in range(len(plain)):
        longest = max(longest, starts[i + 1] - starts[i])
    space = token_space(longest)
    origin, capitals, folded = space[1], space[2], space[3]
    begins, ends = np.empty(2 * longest + 2, np.int32), np.empty(2 * longest + 2, np.int32)
    hashes, gaps = np.empty(2 * longest + 2, np.uint64), np.empty(2 * longest + 2, np.uint8)
    places, kinds = np.empty(2 * longest + 2, np.int32), np.empty(2 * longest + 2, np.uint8)
    found = np.empty((256, 7), np.int32)
    n_found = 0
    for text in range(len(plain)):
        at, is_plain = starts[text], plain[text]
        n = split_tokens(data, at, starts[text + 1], is_plain, tables, space, begins, ends, hashes, gaps)
        n_candidates = find_candidates(hashes, gaps, n, *filters, places, kinds)
        sentence = counted = done = 0
        for candidate in range(n_candidates):
            t, may_be = np.int64(places[candidate]), kinds[candidate]
            if t < done:
                continue
            best, best_end, best_clitic = PREFIX, t, 0
            for kind in (FOLDED, EXACT):
                if may_be & (kind | kind * LONGER) == 0:
                    continue
                before, end = _ZERO, t
                while True:
                    token = hashes[end]
                    if kind == EXACT:
                        token = exact_hash(data, at, is_plain, origin, begins[end], ends[end])
                    value = token if end == t else follow(before, token)
                    hit = look_up(mix(value), table)
                    whole = end + 1 >= n or gaps[end + 1] != GLUED
                    if hit < 0 and whole and end + 1 > best_end and (end > t or may_be & kind):
                        clitic = clitic_length(folded, begins[end], ends[end])
                        if clitic > 0:
                            stem = hash_bytes(TOKEN_SEED, folded, begins[end], ends[end] - clitic)
                            if kind == EXACT:
                                stem = exact_hash(data, at, is_plain, origin, begins[end], ends[end] - clitic)
                            stem_hit = look_up(mix(stem if end == t else follow(before, stem)), table)
                            if stem_hit >= 0 and not slug_values[stem_hit]:
                                best, best_end, best_clitic = stem_hit, end + 1, clitic
                    if hit == MISSING:
                        break
                    if hit >= 0 and (not slug_values[hit] or _in_slug(t, n, gaps, begins, capitals)):
                        if whole:
                            if end + 1 >= best_end:
                                best, best_end, best_clitic = hit, end + 1, 0
                        # No match ends inside a sequence like F16, except before a short suffix: F-16C.
                        elif (
                            end + 2 > best_end
                            and end > t
                            and ends[end] - begins[t] >= 3
                            and ends[end + 1] - begins[end + 1] <= 3
                        ):
                            best, best_end, best_clitic = hit, end + 2, 0
                    before = value
                    end += 1
                    if end >= n or gaps[end] > SOFT:
                        break
            if best < 0:
                continue
            while counted < t:
                counted += 1
                sentence += gaps[counted] >= SENTENCE
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
            left, right = point_span(is_plain, origin, begins[t], ends[best_end - 1] - best_clitic)
            found[n_found, 0], found[n_found, 1], found[n_found, 2] = text, left, right
            found[n_found, 3], found[n_found, 4], found[n_found, 5] = best, sentence, beside
            found[n_found, 6] = best_end - t
            n_found += 1
            done = best_end
    return found[:n_found].copy()


@njit(cache=True, nogil=True)
def enter_words(data, starts, plain, places, table):
    """Enter single words in ASCII into an empty table; word k gets the value ``places[k]``."""
    for word in range(len(plain)):
        key = mix(hash_bytes(TOKEN_SEED, data, starts[word], starts[word + 1]))
        table[find_slot(key, table)] = _cell(key, places[word])


@njit(cache=True, nogil=True)
def count_words(data, starts, plain, tables, table):
    """Count the words of texts, and those that are in a table, by their value.

    Parameters
    ----------
    data, starts, plain, tables
        As for `match_phrases`.
    table : ndarray of uint64
        From `enter_words`; values 1 to 3.

    Returns
    -------
    ndarray of int64, shape (n_texts, 4)
        Runs of letters, and how many of them have the values 1, 2 and 3.
    """
    longest = np.int64(0)
    for i in range(len(plain)):
        longest = max(longest, starts[i + 1] - starts[i])
    space = token_space(longest)
    folded = space[3]
    begins, ends = np.empty(2 * longest + 2, np.int32), np.empty(2 * longest + 2, np.int32)
    hashes, gaps = np.empty(2 * longest + 2, np.uint64), np.empty(2 * longest + 2, np.uint8)
    counts = np.zeros((len(plain), 4), np.int64)
    for text in range(len(plain)):
        n = split_tokens(data, starts[text], starts[text + 1], plain[text], tables, space, begins, ends, hashes, gaps)
        for t in range(n):
            if folded[begins[t]] > _NINE:
                counts[text, 0] += 1
                hit = look_up(mix(hashes[t]), table)
                if hit > 0:
                    counts[text, hit] += 1
    return counts
