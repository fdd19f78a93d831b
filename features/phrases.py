"""A set of phrases compiled for search."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.characters import name_tables
from features.packing import pack
from features.phrase_kernel import FILTER_BITS, PREFIX, enter_phrases, match_phrases

_CLITICS = ("nya", "lah", "kah", "pun", "ku")


class Phrase(NamedTuple):
    """One phrase to search for.

    Attributes
    ----------
    text : str
        The phrase; case, diacritics, and what stands between its runs of letters and digits do not count.
    value : int
        What a match of it reports.
    exact : bool
        Whether case and diacritics do count.
    slug : bool
        Whether an exact phrase is found in lower case too in a line without any capital.
    plural : bool
        Whether an English plural ``-s`` may follow.
    """

    text: str
    value: int
    exact: bool = False
    slug: bool = False
    plural: bool = False


class Match(NamedTuple):
    """A phrase found in a text.

    Attributes
    ----------
    text, start, end : int
        Number of the text, and span in code points.
    value : int
        That of the phrase.
    sentence : int
        Number of the sentence in its text.
    after_capital, before_capital : bool
        Whether a capitalised word stands one space before or after it.
    n_tokens : int
        Runs of letters or digits in the phrase.
    """

    text: int
    start: int
    end: int
    value: int
    sentence: int
    after_capital: bool
    before_capital: bool
    n_tokens: int


class PhraseTable:
    """Phrases in a hash table; the longest match wins.

    Parameters
    ----------
    phrases : iterable of Phrase
        Where two have the same tokens, the first holds.

    Attributes
    ----------
    values, clitics : ndarray of int32, shape (n_variants,)
        For each variant of a phrase, as `rows` numbers them: the phrase's value, and how many last characters
        of a match are a clitic that does not belong to it.
    """

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        rows = [(*variant, phrase.value) for phrase in phrases for variant in _variants(phrase)]
        texts, exact, slugs, clitics, values = map(list, zip(*rows, strict=True)) if rows else ([], [], [], [], [])
        first = np.zeros(2**FILTER_BITS, np.uint8)
        size, entered = 64, False
        while not entered:
            size *= 2
            keys, slots = np.zeros(size, np.uint64), np.full(size, PREFIX, np.int32)
            entered = not texts or enter_phrases(
                *pack(texts), tuple(name_tables()), np.array(exact, np.bool_), first, keys, slots
            )
        self._table = first, keys, slots, np.array(slugs, np.bool_)
        self.values = np.array(values, np.int32)
        self.clitics = np.array(clitics, np.int32)

    def find(self, texts: Sequence[str]) -> list[Match]:
        """Return the matches in `texts`, in order, without overlap."""
        values, clitics = self.values.tolist(), self.clitics.tolist()
        return [
            Match(text, start, end - clitics[k], values[k], sentence, bool(beside & 1), bool(beside & 2), n_tokens)
            for text, start, end, k, sentence, beside, n_tokens in self.rows(texts).tolist()
        ]

    def rows(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """Return the matches in `texts` as `features.phrase_kernel.match_phrases` gives them."""
        matches: NDArray[np.int32] = match_phrases(*pack(texts), tuple(name_tables()), *self._table)
        return matches


def _variants(phrase: Phrase) -> Iterable[tuple[str, bool, bool, int]]:
    """Yield what to enter for a phrase: text, exact, slug, and how many last characters are no part of it."""
    yield phrase.text, phrase.exact, False, 0
    if not phrase.text[-1].isalpha():
        return
    for clitic in _CLITICS:
        yield phrase.text + clitic, phrase.exact, False, len(clitic)
    if phrase.plural and phrase.text[-1] not in "sS":
        yield phrase.text + "s", phrase.exact, False, 0
    if phrase.exact:
        if len(phrase.text) > 3:
            yield phrase.text.upper(), True, False, 0
        if phrase.slug:
            yield phrase.text.lower(), True, True, 0
