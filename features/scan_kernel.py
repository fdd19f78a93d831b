"""Compiled loops that tell what a text needs before anybody looks at it: cleaning, and which boilerplate rules."""

from __future__ import annotations

import numpy as np
from numba import njit

from features.bits import load_8, trailing_zeros
from features.word_kernel import PRIME, between, decode, each, load_most

MARKUP, ODD = 1, 2
"""A text holds ``<`` or ``&``; it holds characters that may need repair."""
_ZERO, _1, _HIGH = np.uint64(0), np.uint64(1), np.uint64(0x8080808080808080)
_NUL, _TAB, _AFTER_NEW_LINE, _SPACE, _DELETE, _END = (each(code) for code in (0, 9, 11, 32, 127, 128))
_LESS, _LESS_END, _AND, _AND_END = each(ord("<")), each(ord("<") + 1), each(ord("&")), each(ord("&") + 1)
_BACKSLASH, _BACKSLASH_END = each(ord("\\")), each(ord("\\") + 1)
_KEY_BYTES = 3
_KEY = np.uint64(256**_KEY_BYTES - 1)
_48 = np.uint64(48)


@njit(cache=True, nogil=True)
def find_dirt(data, starts, odd):
    """Tell which texts need cleaning at all.

    Parameters
    ----------
    data, starts
        The texts, as ``features.packing.pack`` gives them.
    odd : ndarray of bool, shape (65536,)
        Code points outside ASCII with which something may begin that needs repair.

    Returns
    -------
    ndarray of uint8, shape (n_texts,)
        ``MARKUP`` and ``ODD``, added.
    """
    flags = np.zeros(len(starts) - 1, np.uint8)
    for text in range(len(flags)):
        at, end = starts[text], starts[text + 1]
        markup = strange = _ZERO
        while at < end:
            eight = load_most(data, at, end - at)
            other = eight & _HIGH
            carried = eight | _HIGH
            markup |= (between(carried, _LESS, _LESS_END) | between(carried, _AND, _AND_END)) & ~other
            controls = between(carried, _NUL, _TAB) | between(carried, _AFTER_NEW_LINE, _SPACE)
            controls |= between(carried, _DELETE, _END) | between(carried, _BACKSLASH, _BACKSLASH_END)
            # Bytes behind the end were read as 0.
            inside = _HIGH if end - at >= 8 else (_1 << np.uint64(8 * (end - at))) - _1
            strange |= controls & ~other & inside
            while other != _ZERO:
                place = at + (np.int64(trailing_zeros(other)) >> 3)
                if data[place] >= 0xC0:
                    point, _ = decode(data, place)
                    if point < 65536 and odd[point]:
                        strange |= _1
                other &= other - _1
            at += 8
        flags[text] = (MARKUP if markup != _ZERO else 0) | (ODD if strange != _ZERO else 0)
    return flags


@njit(cache=True, nogil=True, inline="always")
def _bucket(key):
    """Return the bucket of the first bytes of a trigger."""
    return np.int64(((key & _KEY) * PRIME) >> _48)


@njit(cache=True, nogil=True)
def enter_triggers(data, starts, heads, following):
    """Sort triggers of at least three bytes into buckets.

    Parameters
    ----------
    data, starts
        The triggers, as ``features.packing.pack`` gives them.
    heads : ndarray of int16, shape (65536,)
        Receives for each bucket one more than the number of its first trigger, or 0.
    following : ndarray of int16, shape (n_triggers,)
        Receives for each trigger one more than the number of the next one in its bucket, or 0.
    """
    for trigger in range(len(following)):
        place = _bucket(load_8(data, starts[trigger]))
        following[trigger] = heads[place]
        heads[place] = trigger + 1


@njit(cache=True, nogil=True, inline="always")
def _stands_at(data, at, end, triggers, first, last):
    """Return whether the bytes ``triggers[first:last]`` stand at `at`, before `end`."""
    if at + last - first > end:
        return False
    for k in range(last - first):
        if data[at + k] != triggers[first + k]:
            return False
    return True


@njit(cache=True, nogil=True)
def find_triggers(data, starts, plain, triggers, bounds, heads, following):
    """Find every occurrence of every trigger.

    Parameters
    ----------
    data, starts, plain
        The texts, as ``features.packing.pack`` gives them.
    triggers, bounds : ndarray
        The triggers, packed as well.
    heads, following : ndarray
        From `enter_triggers`.

    Returns
    -------
    ndarray of int32, shape (n_found, 3)
        Text, offset in code points, and number of the trigger; in order of the first two.
    """
    longest = np.int64(0)
    for text in range(len(plain)):
        longest = max(longest, starts[text + 1] - starts[text])
    candidates = np.empty(longest + 1, np.int32)
    found = np.empty((64, 3), np.int32)
    n_found = 0
    for text in range(len(plain)):
        begin, end = starts[text], starts[text + 1]
        # Without a branch, so that the processor never has to guess.
        n = 0
        for at in range(end - begin - _KEY_BYTES + 1):
            candidates[n] = at
            n += heads[_bucket(load_8(data, begin + at))] > 0
        counted = points = 0
        for k in range(n):
            at = np.int64(candidates[k])
            trigger = np.int64(heads[_bucket(load_8(data, begin + at))]) - 1
            while trigger >= 0:
                if _stands_at(data, begin + at, end, triggers, bounds[trigger], bounds[trigger + 1]):
                    if plain[text]:
                        points = at
                    else:
                        while counted < at:
                            points += (data[begin + counted] & 0xC0) != 0x80
                            counted += 1
                    if n_found == len(found):
                        wider = np.empty((2 * n_found, 3), np.int32)
                        wider[:n_found] = found
                        found = wider
                    found[n_found, 0], found[n_found, 1], found[n_found, 2] = text, points, trigger
                    n_found += 1
                trigger = np.int64(following[trigger]) - 1
    return found[:n_found].copy()
