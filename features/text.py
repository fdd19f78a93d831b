"""A raw page or plain text becomes clean text, and every clean character can be found in what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from unicodedata import is_normalized

from features.boilerplate import edits_of_all
from features.html import html_edits
from features.offsets import Edit, OffsetMap, apply_edits
from features.packing import pack
from features.scan_kernel import MARKUP, find_dirt
from features.unicode import normalisation_edits, odd_characters, repair_edits


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
    return clean_all([source], boilerplate=boilerplate)[0]


def clean_all(sources: Sequence[str], *, boilerplate: bool = True) -> list[CleanText]:
    """Clean many texts, see `clean`; most need no more than a look at their bytes."""
    packed = pack(sources)
    dirt = find_dirt(packed.data, packed.starts, odd_characters()).tolist()
    cleaned = [
        CleanText(source, ()) if not flags and is_normalized("NFKC", source) else _tidy(source, flags)
        for source, flags in zip(sources, dirt, strict=True)
    ]
    if not boilerplate:
        return cleaned
    found = edits_of_all([text for text, _ in cleaned])
    return [_edited(text, edits) if edits else text for text, edits in zip(cleaned, found, strict=True)]


def _tidy(source: str, flags: int) -> CleanText:
    text = CleanText(source, ())
    if flags & MARKUP:
        text = _edited(text, html_edits(text.text))
    # Character references may stand for anything.
    text = _edited(text, repair_edits(text.text))
    return _edited(text, normalisation_edits(text.text))


def _edited(text: CleanText, edits: Sequence[Edit]) -> CleanText:
    return CleanText(apply_edits(text.text, edits), (*text.maps, OffsetMap(edits))) if edits else text
