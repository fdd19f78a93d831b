"""What each Unicode code point is to the tokeniser, as tables that the compiled loops read.

A code point is a word character (letter, digit, or a mark on one), a joiner (hyphen or apostrophe, which counts only
between two word characters), ignorable (zero-width joiners, soft hyphens and other format characters), or a separator.
The properties are those of Python's own Unicode database: ``str.isalnum``, ``unicodedata.category`` and ``str.lower``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SEPARATOR, WORD, JOINER, IGNORABLE = range(4)

_HYPHENS = "-\u2010\u2011"
_APOSTROPHES = "'\u2018\u2019\u02bc\u02bb\uff07`\u00b4"
_VARIATION_SELECTORS = range(0xFE00, 0xFE10)
_ASSIGNED = (range(0x32400), range(0xE0000, 0xE0200))
"""Planes 0 to 3 and the tags: no other code point has a category that matters here (Unicode 14 to 16)."""


def character_class(char: str) -> int:
    """Return the class of a single character.

    Parameters
    ----------
    char : str
        One code point.

    Returns
    -------
    int
        ``SEPARATOR``, ``WORD``, ``JOINER`` or ``IGNORABLE``.
    """
    if char in _HYPHENS or char in _APOSTROPHES:
        return JOINER
    category = unicodedata.category(char)
    if category == "Cf" or ord(char) in _VARIATION_SELECTORS:
        return IGNORABLE
    return WORD if char.isalnum() or category[0] == "M" else SEPARATOR


def fold(char: str) -> str:
    """Return the character that stands for `char` in a folded word: lower case, one hyphen, one apostrophe."""
    if char in _HYPHENS:
        return "-"
    return "'" if char in _APOSTROPHES else char.lower()[0]


class CharacterTables(NamedTuple):
    """Two-level tables over all code points.

    Attributes
    ----------
    page : ndarray of uint16, shape (0x1100,)
        Row in the other tables for each block of 256 code points.
    kind : ndarray of uint8, shape (n_rows * 256,)
        Class of each code point.
    written : ndarray of uint32, shape (n_rows * 256,)
        Code point that the tokeniser reads in its place: the folded character, one in ASCII for a separator, 0 for
        none.
    """

    page: NDArray[np.uint16]
    kind: NDArray[np.uint8]
    written: NDArray[np.uint32]


@cache
def character_tables() -> CharacterTables:
    """Build the tables, once a process (about 0.1 s)."""
    return _tables(character_class, _word_written, WORD, SEPARATOR)


def _tables(
    classify: Callable[[str], int], write: Callable[[str], int], letter: int, unassigned: int
) -> CharacterTables:
    """Ask for every character; `letter` is the class of one without case and diacritics, which is written as it is."""
    page = np.zeros(0x1100, np.uint16)
    # Row 0 stands for every block without an assigned character.
    kinds = [np.full(256, unassigned, np.uint8)]
    written = [np.full(256, write("\u0378"), np.uint32)]
    for block in sorted({point >> 8 for points in _ASSIGNED for point in points}):
        points = np.arange(block << 8, (block + 1) << 8, dtype=np.uint32)
        chars = [chr(point) for point in points.tolist()]
        text = "".join(chars)
        if {unicodedata.category(char) for char in chars} == {"Cn"}:
            continue
        page[block] = len(kinds)
        if text.isalpha() and text == text.lower() and unicodedata.is_normalized("NFKD", text):
            # Most blocks hold ideographs and the like, all alike.
            kinds.append(np.full(256, letter, np.uint8))
            written.append(points)
        else:
            kinds.append(np.fromiter(map(classify, chars), np.uint8, 256))
            written.append(np.fromiter(map(write, chars), np.uint32, 256))
    return CharacterTables(page, np.concatenate(kinds), np.concatenate(written))


def _word_written(char: str) -> int:
    seen = character_class(char)
    return 0 if seen == IGNORABLE else ord(" ") if seen == SEPARATOR else ord(fold(char))


LETTER, CAPITAL, DIGIT = 1, 2, 3
"""Classes of the entity tokeniser, whose words are runs of letters or of digits; all else separates (0)."""
_STROKED = str.maketrans("ıøłđħŧœæßþð", "ioldhtoasbd")


def base_letter(char: str) -> str:
    """Return the lower-case letter under the diacritics of `char`: ``ğ`` → ``g``, ``É`` → ``e``, ``ł`` → ``l``."""
    base = unicodedata.normalize("NFKD", char)[0].lower()[0].translate(_STROKED)
    return base if base.isalpha() else char


def _name_class(char: str) -> int:
    if char.isalpha():
        return CAPITAL if char.isupper() else LETTER
    return DIGIT if char.isdigit() else SEPARATOR


_PUNCTUATION = {"…": "!", "’": "'", "–": "-"}
"""What separates as another character does; anything else outside ASCII separates as a comma."""


def _name_written(char: str) -> int:
    seen = _name_class(char)
    if seen == DIGIT:
        return ord(str(unicodedata.digit(char)))
    return ord(base_letter(char) if seen else _PUNCTUATION.get(char, ","))


@cache
def name_tables() -> CharacterTables:
    """Build the tables of the entity tokeniser: classes, and letters without case and diacritics."""
    return _tables(_name_class, _name_written, LETTER, SEPARATOR)
