"""A set of phrases compiled for search."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.characters import name_tables
from features.filter_kernel import PAIR_CELLS, TOKEN_CELLS
from features.packing import batches, pack
from features.phrase_kernel import enter_phrases, match_phrases

_BATCH = 250_000
"""Code points handed to the compiled loops at once, so that they find them in the cache."""


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
    values : ndarray of int32, shape (n_variants,)
        The phrase's value for each of its variants, as `rows` numbers them.
    """

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        rows = [(*variant, phrase.value) for phrase in phrases for variant in _variants(phrase)]
        texts, exact, slugs, values = map(list, zip(*rows, strict=True)) if rows else ([], [], [], [])
        filters = np.zeros(TOKEN_CELLS, np.uint8), np.zeros(PAIR_CELLS, np.uint64)
        # Most phrases have two beginnings at most; the table is to be half empty.
        size, entered = 2 ** (len(texts).bit_length() + 1), False
        while not entered:
            size *= 2
            table = np.zeros(size, np.uint64)
            entered = not texts or enter_phrases(
                *pack(texts), tuple(name_tables()), np.array(exact, np.bool_), filters, table
            )
        self._table = filters, table, np.array(slugs, np.bool_)
        self.values = np.array(values, np.int32)

    def find(self, texts: Sequence[str]) -> list[Match]:
        """Return the matches in `texts`, in order, without overlap."""
        values = self.values.tolist()
        return [
            Match(text, start, end, values[k], sentence, bool(beside & 1), bool(beside & 2), n_tokens)
            for text, start, end, k, sentence, beside, n_tokens in self.rows(texts).tolist()
        ]

    def rows(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """Return the matches in `texts` as `features.phrase_kernel.match_phrases` gives them."""
        parts, done = [], 0
        for batch in batches(texts, _BATCH):
            rows = match_phrases(*pack(batch), tuple(name_tables()), *self._table)
            rows[:, 0] += done
            parts.append(rows)
            done += len(batch)
        return np.concatenate(parts) if parts else np.empty((0, 7), np.int32)


def _variants(phrase: Phrase) -> Iterable[tuple[str, bool, bool]]:
    """Yield what to enter for a phrase: text, whether exact, whether only in a slug."""
    yield phrase.text, phrase.exact, False
    if not phrase.text[-1].isalpha():
        return
    if phrase.plural and phrase.text[-1] not in "sS":
        yield phrase.text + "s", phrase.exact, False
    if phrase.exact:
        if len(phrase.text) > 3:
            yield phrase.text.upper(), True, False
        if phrase.slug:
            yield phrase.text.lower(), True, True
