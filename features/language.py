"""Which language an article is in, told by its commonest function words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from features.characters import name_tables
from features.packing import pack
from features.phrase_kernel import count_words, enter_words

SUPPORTED = ("id", "en")
UNDETERMINED = "und"
"""Code of ISO 639-2 for a language that could not be told."""

_WORD = re.compile(r"[^\W\d_]+")
_SAMPLE = 1200
"""Characters that are looked at; more do not change the answer."""
_ENOUGH = 0.08
"""Share of function words below which a text is in neither language; running text has 0.25 to 0.5 of them."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Written by hand: the commonest function words, none of which is common in the other language.
_INDONESIAN = _words(
    """
    yang dan di dari untuk dengan pada tidak ini itu dalam akan oleh juga telah ke sebagai karena tersebut
    bisa saat ada mereka sudah atau kata adalah para menjadi lebih seorang kepada antara setelah hingga serta
    secara ia kami kita saya dia namun bahwa terhadap bagi agar usai soal jelang seperti masih belum dapat
    harus sejumlah pihak menurut ujar ujarnya katanya lalu sementara jadi satu dua tiga negara presiden
    menteri tahun hari jika bukan siap beri minta
    """
)
ENGLISH = _words(
    """
    the of and to in a is that for on with was as by it he at from his has have had said be an were are not
    which their they this will its would been but who after more over also or into than about between she her
    we you there been could when while during against new says state
    """
)
# Malay words that Indonesian does not use; a text with more of them than of the rest's share is Malay.
_MALAY = _words(
    """
    kerana beliau ialah bahawa isnin khamis polis wang syarikat berkenaan
    """
)


def detect_language(text: str) -> str:
    """Tell the language of a text.

    Parameters
    ----------
    text : str
        Clean text.

    Returns
    -------
    str
        ``id``, ``en``, or ``und`` where it is neither or cannot be told.

    Examples
    --------
    >>> detect_language("Rusia akan mengirim rudal itu ke India pada tahun ini")
    'id'
    >>> detect_language("Russia will send the missiles to India this year")
    'en'
    >>> detect_language("Rusland stuurt dit jaar raketten naar India")
    'und'
    """
    return detect_languages([text])[0]


def detect_languages(texts: Sequence[str]) -> list[str]:
    """Tell the language of many texts, see `detect_language`."""
    samples = [text[:_SAMPLE] for text in texts]
    counts = count_words(*pack(samples), tuple(name_tables()), _function_words()).tolist()
    return [_language(sample, *row) for sample, row in zip(samples, counts, strict=True)]


def _language(sample: str, words: int, indonesian: int, english: int, malay: int) -> str:
    if not words:
        return UNDETERMINED
    if max(indonesian, english) < _ENOUGH * words or (malay >= 2 and malay * 8 > indonesian > english):
        # A headline may hold no function word at all: a few Indonesian affixes decide.
        return "id" if words <= 25 and _has_indonesian_verb(_WORD.findall(sample.lower())) else UNDETERMINED
    return "id" if indonesian >= english else "en"


@cache
def _function_words() -> NDArray[np.uint64]:
    """Return a table of the function words; a word's value is the place of its language in `count_words`' answer."""
    lists = (_INDONESIAN, ENGLISH, _MALAY)
    entries = [(word, place) for place, words in enumerate(lists, start=1) for word in sorted(words)]
    table = np.zeros(4096, np.uint64)
    enter_words(*pack([word for word, _ in entries]), np.array([place for _, place in entries]), table)
    return table


_VERB = re.compile(r"(?:me(?:m|n|ng|ny)|di|ber|ter|pe(?:m|n|ng))[a-z]{3,}(?:kan|i|an)?|[a-z]{3,}(?:kan|nya)")


def _has_indonesian_verb(words: list[str]) -> bool:
    return sum(_VERB.fullmatch(word) is not None for word in words) * 6 >= len(words)
