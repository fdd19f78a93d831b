"""Entities of an article: spans with type, class and canonical name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from features.ambiguity import END, FORM, SENTENCE, START, TEXT, Marks, kept_rows
from features.gazetteer import (
    TYPES,
    Context,
    Entry,
    dump_gazetteer,
    load_context,
    load_gazetteer,
    parse_gazetteer,
)
from features.phrases import Phrase, PhraseTable


class Entity(NamedTuple):
    """An entity found in a text.

    Attributes
    ----------
    start, end : int
        Span in code points.
    type, name : str
        Such as ``weapon`` and the canonical name ``BrahMos``.
    entity_class : str
        Such as ``weapon.missile``; the ISO 3166 code of a country.
    sentence : int
        Number of the sentence.
    """

    start: int
    end: int
    type: str
    name: str
    entity_class: str
    sentence: int


class Facts(NamedTuple):
    """What features ask of the entries of a gazetteer, as arrays of int32 and shape (n_entries,).

    Attributes
    ----------
    type : ndarray
        Number in ``TYPES``.
    class_ : ndarray
        Number in `class_names`; -1 for a country, whose class is its own.
    state : ndarray
        The two letters of a country's ISO code as a number; -1 for what is none.
    class_names : tuple of str
        Such as ``weapon.missile``, in order.
    """

    type: NDArray[np.int32]
    class_: NDArray[np.int32]
    state: NDArray[np.int32]
    class_names: tuple[str, ...]

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> Facts:
        """Collect the facts."""
        names = tuple(sorted({entry.entity_class for entry in entries if entry.type != "country"}))
        type_number = {name: k for k, name in enumerate(TYPES)}
        class_number = {name: k for k, name in enumerate(names)}
        rows = [
            (type_number[entry.type], -1, state_number(entry.entity_class))
            if entry.type == "country"
            else (type_number[entry.type], class_number[entry.entity_class], -1)
            for entry in entries
        ]
        table = np.array(rows, np.int32).reshape(-1, 3).T.copy()
        return cls(table[0], table[1], table[2], names)


def state_number(code: str) -> int:
    """Return the two letters of an ISO code as a number."""
    return int.from_bytes(code.encode())


class Mentions(NamedTuple):
    """The entities of many texts, as arrays of shape (n_mentions,).

    Attributes
    ----------
    n_texts : int
        How many texts were searched.
    entries : sequence of Entry
        What `entry` numbers.
    names : ndarray of str, shape (n_entries,)
        Their canonical names.
    facts : Facts
        Their types and classes.
    text, start, end, sentence, entry : ndarray of int32
        Where each mention stands (code points) and what it names; in order, without overlap.
    """

    n_texts: int
    entries: Sequence[Entry]
    names: NDArray[np.object_]
    facts: Facts
    text: NDArray[np.int32]
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    sentence: NDArray[np.int32]
    entry: NDArray[np.int32]

    def as_entities(self) -> list[list[Entity]]:
        """Return the entities of each text."""
        found: list[list[Entity]] = [[] for _ in range(self.n_texts)]
        columns = (self.text, self.start, self.end, self.entry, self.sentence)
        for text, start, end, number, sentence in zip(*(column.tolist() for column in columns), strict=True):
            entry = self.entries[number]
            found[text].append(Entity(start, end, entry.type, entry.name, entry.entity_class, sentence))
        return found

    def as_spans(self) -> list[list[tuple[int, int, str]]]:
        """Return (start, end, canonical name) of the entities of each text."""
        names = self.names[self.entry].tolist()
        spans = list(zip(self.start.tolist(), self.end.tolist(), names, strict=True))
        bounds = np.searchsorted(self.text, np.arange(self.n_texts + 1)).tolist()
        return [spans[left:right] for left, right in pairwise(bounds)]


class EntityMatcher(BaseEstimator):
    """Find the gazetteer's names in texts; the longest match wins, case and context decide where a form is ambiguous.

    Parameters
    ----------
    entries : sequence of Entry or None, default=None
        The gazetteer; by default the one that comes with the package.

    Attributes
    ----------
    gazetteer_ : str
        The entries and context words as they were at `fit`, so that a saved matcher finds tomorrow what it finds today.

    Examples
    --------
    >>> matcher = EntityMatcher().fit()
    >>> [(entity.name, entity.type) for entity in matcher.find("Rusia-lah yang kembali mengirim rudal ke Turki")]
    [('Russia', 'country'), ('missile', 'weapon'), ('Turkey', 'country')]
    """

    def __init__(self, entries: Sequence[Entry] | None = None) -> None:
        self.entries = entries

    def fit(self, X: Any = None, y: Any = None) -> Self:
        """Take the gazetteer in; the arguments are ignored."""
        own = self.entries
        self.gazetteer_ = _packaged() if own is None else dump_gazetteer(own, load_context())
        return self

    def find(self, text: str) -> list[Entity]:
        """Return the entities of one text in order, without overlap."""
        return self.mentions([text]).as_entities()[0]

    def find_all(self, texts: Sequence[str]) -> list[list[Entity]]:
        """Return the entities of each text in order, without overlap."""
        return self.mentions(texts).as_entities()

    def mentions(self, texts: Sequence[str]) -> Mentions:
        """Return the entities of many texts as arrays.

        Parameters
        ----------
        texts : sequence of str
            Clean texts.

        Returns
        -------
        Mentions
            In order, without overlap.
        """
        check_is_fitted(self, "gazetteer_")
        lexicon = _compiled(self.gazetteer_)
        rows = lexicon.table.rows(texts)
        rows[:, FORM] = lexicon.table.values[rows[:, FORM]]
        rows = rows[rows[:, FORM] < len(lexicon.marks.entry)]  # decoys are numbered behind the forms
        rows = rows[kept_rows(rows, texts, lexicon.marks, TYPES, lexicon.context)]
        entry = lexicon.marks.entry[rows[:, FORM]]
        # Two names of one thing side by side are one mention: AH-64E Apache.
        joined = (
            (rows[1:, TEXT] == rows[:-1, TEXT]) & (entry[1:] == entry[:-1]) & (rows[1:, START] == rows[:-1, END] + 1)
        )
        begins, ends = np.append(True, ~joined)[: len(rows)], np.append(~joined, True)[: len(rows)]
        columns = (rows[begins, TEXT], rows[begins, START], rows[ends, END], rows[begins, SENTENCE], entry[begins])
        return Mentions(len(texts), lexicon.entries, lexicon.names, lexicon.facts, *columns)


class _Lexicon:
    """The gazetteer compiled: the phrase table, and for each form its entry and marks."""

    def __init__(self, entries: Sequence[Entry], context: Context) -> None:
        self.entries = entries
        self.names = np.array([entry.name for entry in entries], object)
        self.facts = Facts.of(entries)
        self.context = context
        forms = [(number, entry, form) for number, entry in enumerate(entries) for form in entry.forms]
        self.marks = Marks.of(forms, TYPES)
        phrases = [
            Phrase(
                form.text,
                number,
                form.exact,
                slug=form.text.isupper() and form.text.lower() not in context.not_in_slugs,
                plural=entry.type == "weapon",
            )
            for number, (_, entry, form) in enumerate(forms)
        ]
        phrases += [Phrase(decoy, len(forms)) for decoy in sorted(context.decoys)]
        self.table = PhraseTable(phrases)


@cache
def _packaged() -> str:
    """Return the gazetteer that comes with the package; to read and check it takes half a second."""
    return dump_gazetteer(load_gazetteer(), load_context())


@lru_cache(maxsize=4)
def _compiled(gazetteer: str) -> _Lexicon:
    return _Lexicon(*parse_gazetteer(gazetteer))
