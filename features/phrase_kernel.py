"""Compiled loops that find the phrases of a hash table in texts.

A phrase is a sequence of tokens, runs of letters or of digits, so that ``F-16``, ``F16`` and ``F 16`` are the same.
Every phrase and each of its beginnings stands in one open-addressing table, so a search goes on just as long as some
phrase may still follow.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from features.kernels import PRIME, decode, follow, mix

FOLDED_SEED = np.uint64(0x8F14E45FCEEA167A)
EXACT_SEED = np.uint64(0x3C6EF372FE94F82B)
_16 = np.uint64(16)
_FILTER = np.uint64(0xFFFF)
_ZERO = np.uint64(0)

PREFIX = -1
"""Value of a table entry that only begins a phrase."""
MISSING = -2

# What stands between two tokens.
GLUED, SOFT, HARD, SENTENCE, LINE = range(5)


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
def split_tokens(packed, at, length, page, kind, folded, starts, ends, hashes, exact, gaps, capital):
    """Split one text into runs of letters or of digits.

    Parameters
    ----------
    packed, at, length
        As for ``features.kernels.split_words``.
    page, kind, folded : ndarray
        The tables ``features.characters.name_tables``.
    starts, ends, hashes, exact, gaps, capital : ndarray, shape (>= length + 1,)
        Receive the span of each token in code points, the hash of its folded and of its exact characters, what stands
        before it, and whether it begins with a capital.

    Returns
    -------
    tuple of int
        Number of tokens, and the byte after the text.
    """
    n = 0
    running = 0  # class of the open token: 0 none, 1 letters, 3 digits
    gap = LINE
    gap_length = 0
    stop = False  # a full stop, question or exclamation mark stands in the gap
    for position in range(length):
        point, at = decode(packed, at)
        cell = (np.int64(page[point >> 8]) << 8) | (point & 0xFF)
        seen = kind[cell]
        if seen == 0:
            if running:
                ends[n] = position
                n += 1
                running = 0
                gap, gap_length, stop = SOFT, 0, False
            gap_length += 1
            if point == 10:
                gap = LINE
            elif gap != LINE:
                if point == 46 or point == 33 or point == 63 or point == 0x2026:
                    stop = True
                    if point != 46:
                        gap = HARD
                elif point == 38:
                    pass
                elif not (
                    point == 32
                    or point == 45
                    or point == 39
                    or point == 47
                    or point == 95
                    or point == 0x2019
                    or point == 0x2013
                ):
                    gap = HARD
            continue
        this = 3 if seen == 3 else 1
        if this != running:
            if running:
                ends[n] = position
                n += 1
                gap, gap_length, stop = GLUED, 0, False
            elif gap != LINE:
                short = n > 0 and ends[n - 1] - starts[n - 1] <= 3 and gaps[n - 1] <= SENTENCE
                if stop and gap_length > 1 and not (short and seen == 2 and gap == SOFT and gap_length == 2):
                    gap = SENTENCE
                elif gap == SOFT and gap_length > 3:
                    gap = HARD
            starts[n] = position
            gaps[n] = gap
            capital[n] = seen == 2
            hashes[n] = FOLDED_SEED
            exact[n] = EXACT_SEED
            running = this
        hashes[n] = (hashes[n] ^ np.uint64(folded[cell])) * PRIME
        exact[n] = (exact[n] ^ np.uint64(point)) * PRIME
    if running:
        ends[n] = length
        n += 1
    return n, at


@njit(cache=True, nogil=True)
def enter_phrases(packed, lengths, page, kind, folded, exact_case, first, keys, values):
    """Enter phrases and all their beginnings into an empty table.

    Parameters
    ----------
    packed, lengths
        The phrases, as texts for ``features.kernels.count_ngrams``; phrase k gets the value k.
    page, kind, folded : ndarray
        The tables ``features.characters.name_tables``.
    exact_case : ndarray of bool, shape (n_phrases,)
        Whether a phrase is entered with its case and diacritics.
    first, keys, values : ndarray
        Receive the table, see `match_phrases`. Where two phrases have the same tokens, the first holds.

    Returns
    -------
    bool
        False if the table became half full, and is not complete.
    """
    longest = np.max(lengths)
    starts, ends = np.empty(longest + 1, np.int32), np.empty(longest + 1, np.int32)
    hashes, exact = np.empty(longest + 1, np.uint64), np.empty(longest + 1, np.uint64)
    gaps, capital = np.empty(longest + 1, np.uint8), np.empty(longest + 1, np.bool_)
    slots = np.int64(len(keys) - 1)
    byte = used = 0
    for phrase in range(len(lengths)):
        n, byte = split_tokens(
            packed, byte, lengths[phrase], page, kind, folded, starts, ends, hashes, exact, gaps, capital
        )
        value = _ZERO
        for t in range(n):
            token = exact[t] if exact_case[phrase] else hashes[t]
            if t == 0:
                first[np.int64(mix(token) & _FILTER)] = True
                value = token
            else:
                value = follow(value, token)
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
def match_phrases(packed, lengths, page, kind, folded, first, keys, values, slug_values):
    """Find the longest phrases in texts, from left to right, without overlap.

    Parameters
    ----------
    packed, lengths
        Texts as for ``features.kernels.count_ngrams``.
    page, kind, folded : ndarray
        The tables ``features.characters.name_tables``.
    first : ndarray of bool, shape (65536,)
        Which remainders of a token's hash begin a phrase.
    keys, values : ndarray of uint64 and int32
        Open-addressing table of phrases and beginnings; a value is the number of a phrase or ``PREFIX``.
    slug_values : ndarray of bool, shape (n_phrases,)
        Phrases that hold only in a line without any capital.

    Returns
    -------
    ndarray of int32, shape (n_matches, 7)
        Text, start, end (code points), phrase, sentence, and what is beside it: 1 a capitalised token one space before,
        2 one after;
        last, the number of tokens of the phrase.
    """
    longest = 0
    for i in range(len(lengths)):
        longest = max(longest, lengths[i])
    starts = np.empty(longest + 1, np.int32)
    ends = np.empty(longest + 1, np.int32)
    hashes = np.empty(longest + 1, np.uint64)
    exact = np.empty(longest + 1, np.uint64)
    gaps = np.empty(longest + 1, np.uint8)
    capital = np.empty(longest + 1, np.bool_)
    found = np.empty((256, 7), np.int32)
    n_found = byte = 0
    for text in range(len(lengths)):
        n, byte = split_tokens(
            packed, byte, lengths[text], page, kind, folded, starts, ends, hashes, exact, gaps, capital
        )
        sentence = 0
        line_end = 0
        slug = False
        t = 0
        while t < n:
            if gaps[t] >= SENTENCE and t > 0:
                sentence += 1
            if t >= line_end:
                # A line of at least three words without a capital is a slug, as portals put into addresses.
                line_end, any_capital = t + 1, capital[t]
                while line_end < n and gaps[line_end] != LINE:
                    any_capital |= capital[line_end]
                    line_end += 1
                slug = not any_capital and line_end - t >= 3
            best = np.int32(PREFIX)
            best_end = t
            if t == 0 or gaps[t] != GLUED:
                for chain in range(2):
                    token = hashes[t] if chain == 0 else exact[t]
                    if not first[np.int64(mix(token) & _FILTER)]:
                        continue
                    value = token
                    end = t
                    while True:
                        hit = look_up(mix(value), keys, values)
                        if hit == MISSING:
                            break
                        if hit >= 0 and (slug or not slug_values[hit]):
                            if end + 1 >= n or gaps[end + 1] != GLUED:
                                if end + 1 >= best_end:
                                    best, best_end = hit, end + 1
                            # No match ends inside a sequence like F16, except before a short suffix: F-16C.
                            elif (
                                end + 2 > best_end
                                and end > t
                                and ends[end] - starts[t] >= 3
                                and ends[end + 1] - starts[end + 1] <= 3
                            ):
                                best, best_end = hit, end + 2
                        end += 1
                        if end >= n or gaps[end] > SOFT:
                            break
                        value = follow(value, hashes[end] if chain == 0 else exact[end])
            if best < 0:
                t += 1
                continue
            if n_found == len(found):
                wider = np.empty((2 * n_found, 7), np.int32)
                wider[:n_found] = found
                found = wider
            beside = 0
            if t > 0 and gaps[t] == SOFT and capital[t - 1] and starts[t] - ends[t - 1] == 1:
                beside |= 1
            if (
                best_end < n
                and gaps[best_end] == SOFT
                and capital[best_end]
                and starts[best_end] - ends[best_end - 1] == 1
            ):
                beside |= 2
            found[n_found, 0] = text
            found[n_found, 1] = starts[t]
            found[n_found, 2] = ends[best_end - 1]
            found[n_found, 3] = best
            found[n_found, 4] = sentence
            found[n_found, 5] = beside
            found[n_found, 6] = best_end - t
            n_found += 1
            t = best_end
    return found[:n_found].copy()
