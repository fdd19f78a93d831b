"""Unicode repair and normalisation as a list of edits.

The form is NFKC (Unicode Standard Annex #15): full-width and mathematical letters, ligatures and no-break spaces become
plain
characters, so that a word looks the same wherever it was pasted from.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from features.offsets import Edit

# UTF-8 read as Windows-1252, as scraped pages show it; ordinary text holds none of these sequences.
_MOJIBAKE = {
    "â€œ": "“", "â€\x9d": "”", "â€™": "’", "â€˜": "‘", "â€“": "–", "â€”": "—", "â€¦": "…", "Â\xa0": " ",
    "Ã©": "é", "Ã¨": "è", "Ã¶": "ö", "Ã¼": "ü", "Ã¤": "ä", "Ã±": "ñ", "Ã§": "ç", "ï»¿": "",
}  # fmt: skip
# Escapes that a scraper printed instead of decoding them.
_ESCAPES = {"\\xa0": " ", "\\u00a0": " ", "\\u201c": "“", "\\u201d": "”", "\\u2019": "’", "\\u2013": "–", "\\n": "\n"}
_NEW_LINES = {"\r\n": "\n", "\r": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n", "\x0b": "\n", "\x0c": "\n"}
# NFKC would split these into a space and a combining mark.
_SPACING_MARKS = {"´": "'", "¨": '"', "¯": "-", "¸": ","}

_REPLACEMENTS = _MOJIBAKE | _ESCAPES | _NEW_LINES | _SPACING_MARKS
_INVISIBLE = "\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
_CONTROL = "\x00-\x08\x0e-\x1f\x7f-\x9f"
_SURROGATE = "\ud800-\udfff"
_ODD = re.compile(
    "|".join(map(re.escape, sorted(_REPLACEMENTS, key=len, reverse=True))) + f"|[{_INVISIBLE}{_CONTROL}{_SURROGATE}]"
)
_ODD_ASCII = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]|\\[xun]")
# A run outside ASCII together with the ASCII character that its first mark may combine with.
_RUN = re.compile(r"[\x00-\x7f]?[^\x00-\x7f]+")


@cache
def odd_characters() -> NDArray[np.bool_]:
    """Return for each code point of the basic plane whether something that needs repair may begin with it."""
    odd = np.array([_ODD.match(chr(point)) is not None for point in range(65536)])
    odd[[ord(sequence[0]) for sequence in _REPLACEMENTS]] = True
    return odd


def repair_edits(text: str) -> list[Edit]:
    """Return the edits that repair mojibake, escapes, control characters and lone surrogates.

    Parameters
    ----------
    text : str
        Any string, lone surrogates included.

    Returns
    -------
    list of Edit
        Empty where nothing needs repair. Lone surrogates become U+FFFD, control characters a space, invisible format
        characters nothing.
    """
    if text.isascii() and not _ODD_ASCII.search(text):
        return []
    return [Edit(match.start(), match.end(), _replacement(match[0])) for match in _ODD.finditer(text)]


def _replacement(odd: str) -> str:
    if odd in _REPLACEMENTS:
        return _REPLACEMENTS[odd]
    if "\ud800" <= odd <= "\udfff":
        return "\ufffd"
    return " " if unicodedata.category(odd) == "Cc" else ""


def normalisation_edits(text: str) -> list[Edit]:
    """Return the edits that bring `text` into NFKC.

    Parameters
    ----------
    text : str
        A string without lone surrogates.

    Returns
    -------
    list of Edit
        Empty where the text is in NFKC already.
    """
    if text.isascii() or unicodedata.is_normalized("NFKC", text):
        return []
    return list(_run_edits(text))


def _run_edits(text: str) -> Iterator[Edit]:
    for run in _RUN.finditer(text):
        if unicodedata.is_normalized("NFKC", run[0]):
            continue
        clusters = list(_clusters(run[0]))
        normal = [unicodedata.normalize("NFKC", cluster) for cluster in clusters]
        if "".join(normal) != unicodedata.normalize("NFKC", run[0]):
            # Characters that combine across clusters (conjoining Hangul, some Indic vowels): the run maps as a whole.
            clusters, normal = [run[0]], [unicodedata.normalize("NFKC", run[0])]
        start = run.start()
        for cluster, new in zip(clusters, normal, strict=True):
            if cluster != new:
                yield Edit(start, start + len(cluster), new)
            start += len(cluster)


def _clusters(run: str) -> Iterator[str]:
    """Yield each starter of `run` with the marks that follow it."""
    start = 0
    for at in range(1, len(run)):
        if unicodedata.combining(run[at]) == 0:
            yield run[start:at]
            start = at
    yield run[start:]
