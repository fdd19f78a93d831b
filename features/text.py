"""A raw page or plain text becomes clean text, and every clean character can be found in what was sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from features.boilerplate import boilerplate_edits
from features.html import html_edits
from features.offsets import Edit, OffsetMap, apply_edits
from features.unicode import normalisation_edits, repair_edits

_STEPS: tuple[Callable[[str], Sequence[Edit]], ...] = (html_edits, repair_edits, normalisation_edits)


class CleanText(NamedTuple):
    """Clean text with its way back.

    Attributes
    ----------
    text : str
        What the features are computed from.
    maps : tuple of OffsetMap
        One for each cleaning step that changed something, first step first.
    """

    text: str
    maps: tuple[OffsetMap, ...]

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """Return where the clean characters ``[start, end)`` stand in the text that was sent.

        Parameters
        ----------
        start, end : int
            Offsets into `text` in code points, ``start < end``.

        Returns
        -------
        tuple of int
            Offsets into the text as it was sent, in code points.
        """
        for step in reversed(self.maps):
            start, end = step.span(start, end)
        return start, end


def clean(source: str, *, boilerplate: bool = True) -> CleanText:
    """Clean the text of an article.

    Parameters
    ----------
    source : str
        The text as it was sent; any string, lone surrogates included.
    boilerplate : bool, default=True
        Whether lines such as datelines, "Baca juga" and captions are removed. A title has none.

    Returns
    -------
    CleanText
        Plain text (of a page, if `source` is HTML) in NFKC without control characters and boilerplate, with the map
        back to `source`.

    Examples
    --------
    >>> cleaned = clean("MOSKOW, WartaKini.com -- Rusia kirim S-400")
    >>> cleaned.text
    'Rusia kirim S-400'
    >>> cleaned.source_span(0, 5)
    (25, 30)
    """
    steps = (*_STEPS, boilerplate_edits) if boilerplate else _STEPS
    text, maps = source, []
    for step in steps:
        edits = step(text)
        if edits:
            text = apply_edits(text, edits)
            maps.append(OffsetMap(edits))
    return CleanText(text, tuple(maps))
