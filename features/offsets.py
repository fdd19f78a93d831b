"""Maps from the characters of an edited text back to those it was made from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple


class Edit(NamedTuple):
    """Replacement of the characters ``source[start:end]`` by ``text``."""

    start: int
    end: int
    text: str


class OffsetMap:
    """Where the characters of an edited text came from.

    Unchanged stretches map one to one; a replacement maps as a whole to what it replaced.

    Parameters
    ----------
    edits : sequence of Edit
        Sorted by ``start`` and not overlapping.
    """

    __slots__ = ("_kept", "_source", "_target")

    def __init__(self, edits: Sequence[Edit]) -> None:
        # Piece k starts at _target[k] in the result and at _source[k] in the source; _kept[k] tells whether it is
        # a stretch that was kept (offsets inside it shift) or a replacement (offsets inside it do not).
        target, source, kept = [0], [0], [True]
        shift = 0
        for start, end, text in edits:
            at = start + shift
            target.append(at)
            source.append(start)
            kept.append(False)
            target.append(at + len(text))
            source.append(end)
            kept.append(True)
            shift += len(text) - (end - start)
        self._target, self._source, self._kept = target, source, kept

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the source span of the characters ``[start, end)`` of the result.

        Parameters
        ----------
        start, end : int
            Offsets in code points, ``start < end``.

        Returns
        -------
        tuple of int
            Start and end in the source, in code points; the smallest span that covers every character.
        """
        first = bisect_right(self._target, start) - 1
        last = bisect_right(self._target, end - 1) - 1
        source_start = self._source[first] + (start - self._target[first] if self._kept[first] else 0)
        if self._kept[last]:
            return source_start, self._source[last] + end - self._target[last]
        return source_start, self._source[last + 1]


def apply_edits(source: str, edits: Sequence[Edit]) -> str:
    """Return `source` with `edits` (sorted, not overlapping) carried out."""
    bounds = [(0, 0, ""), *edits, (len(source), len(source), "")]
    return "".join(left[2] + source[left[1] : right[0]] for left, right in pairwise(bounds))
