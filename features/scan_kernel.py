"""Compiled loops that tell what a text needs before anybody looks at it: cleaning, and which boilerplate rules."""

from __future__ import annotations

import numpy as np
from numba import njit

from features.bits import bytes_between, load_8, trailing_zeros
from features.word_kernel import PRIME, decode

MARKUP, ODD = 1, 2
"""A text holds ``<`` or ``&``; it holds characters that may need repair."""
_ZERO, _1, _ALL = np.uint64(0), np.uint64(1), np.uint64(2**64 - 1)
_LESS, _AND, _BACKSLASH, _TAB, _NEW_LINE, _SPACE, _DELETE = b"<&\\\t\n \x7f"
MARK_SHIFT = 3
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
            inside = _ALL >> np.uint64(max(0, at + 64 - end))
            markup |= (bytes_between(data, at, _LESS, _LESS) | bytes_between(data, at, _AND, _AND)) & inside
            controls = bytes_between(data, at, 0, _TAB - 1) | bytes_between(data, at, _NEW_LINE + 1, _SPACE - 1)
            controls |= bytes_between(data, at, _DELETE, _DELETE)
            strange |= (controls | bytes_between(data, at, _BACKSLASH, _BACKSLASH)) & inside
            leads = bytes_between(data, at, 0xC0, 0xFF) & inside
            while leads != _ZERO:
                point, _ = decode(data, at + np.int64(trailing_zeros(leads)))
                if point < 65536 and odd[point]:
                    strange |= _1
                leads &= leads - _1
            at += 64
        flags[text] = (MARKUP if markup != _ZERO else 0) | (ODD if strange != _ZERO else 0)
    return flags


@njit(cache=True, nogil=True, inline="always")
def _bucket(key):
    """Return the bucket of the first bytes of a trigger."""
    return np.int64(((key & _KEY) * PRIME) >> _48)


@njit(cache=True, nogil=True)
def enter_triggers(data, starts, marks, heads, following):
    """Sort triggers of at least three bytes into buckets.

    Parameters
    ----------
    data, starts
        The triggers, as ``features.packing.pack`` gives them.
    marks : ndarray of uint8, shape (65536 >> MARK_SHIFT,)
        Receives whether any trigger is in a few buckets side by side: so small that it stays in the nearest cache.
    heads : ndarray of int16, shape (65536,)
        Receives for each bucket one more than the number of its first trigger, or 0.
    following : ndarray of int16, shape (n_triggers,)
        Receives for each trigger one more than the number of the next one in its bucket, or 0.
    """
    for trigger in range(len(following)):
        place = _bucket(load_8(data, starts[trigger]))
        marks[place >> MARK_SHIFT] = 1
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
def find_triggers(data, starts, plain, triggers, bounds, marks, heads, following):
    """Find every occurrence of every trigger.

    Parameters
    ----------
    data, starts, plain
        The texts, as ``features.packing.pack`` gives them.
    triggers, bounds : ndarray
        The triggers, packed as well.
    marks, heads, following : ndarray
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
            n += marks[_bucket(load_8(data, begin + at)) >> MARK_SHIFT]
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
