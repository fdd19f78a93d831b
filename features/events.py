"""Words that tell what happens: of transfer, agreement, talk, attack, drill, sanction and nuclear matters."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from features.phrases import Phrase, PhraseTable


class EventLexicon:
    """The words of ``lexicon.toml``, searched for as the gazetteer's names are.

    Parameters
    ----------
    source : str
        Text of a TOML file with a table for each event, which holds a list of words for each language.

    Attributes
    ----------
    events : tuple of str
        Names of the tables, in their order.

    Raises
    ------
    ValueError
        If a table is not of that form; the message names it.
    """

    def __init__(self, source: str) -> None:
        table = tomllib.loads(source)
        phrases = []
        for number, (event, languages) in enumerate(table.items()):
            lists = list(languages.values()) if isinstance(languages, dict) else []
            words = [word for words in lists if isinstance(words, list) for word in words]
            if not words or not all(isinstance(words, list) for words in lists) or not all(map(_is_word, words)):
                raise ValueError(
                    f'lexicon: [{event}] holds {languages!r}, expected lists of words such as id = ["beli"]'
                )
            phrases += [Phrase(word, number) for word in words]
        self.events = tuple(table)
        self._table = PhraseTable(phrases)

    def find(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """Return where the words stand.

        Parameters
        ----------
        texts : sequence of str
            Clean texts.

        Returns
        -------
        ndarray of int32, shape (n_words, 5)
            Text, start in code points, sentence, number of the event, and end.
        """
        rows = self._table.rows(texts)
        return np.column_stack([rows[:, 0], rows[:, 1], rows[:, 4], self._table.values[rows[:, 3]], rows[:, 2]])


def _is_word(word: object) -> bool:
    return isinstance(word, str) and bool(word)


def lexicon_source() -> str:
    """Return the text of the lexicon that comes with the package."""
    return files("features").joinpath("lexicon.toml").read_text("utf-8")


@cache
def load_lexicon(source: str) -> EventLexicon:
    """Compile a lexicon, once a process."""
    return EventLexicon(source)
