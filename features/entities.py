"""Entities of an article: spans with type, class and canonical name, and the features made of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
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


class Mentions(NamedTuple):
    """The entities of many texts, as arrays of shape (n_mentions,).

    Attributes
    ----------
    n_texts : int
        How many texts were searched.
    entries : sequence of Entry
        What `entry` numbers.
    text, start, end, sentence, entry : ndarray of int32
        Where each mention stands (code points) and what it names; in order, without overlap.
    """

    n_texts: int
    entries: Sequence[Entry]
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
        names = [self.entries[number].name for number in self.entry.tolist()]
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
        entries = self.entries if self.entries is not None else load_gazetteer()
        self.gazetteer_ = dump_gazetteer(entries, load_context())
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
        rows[:, END] -= lexicon.table.clitics[rows[:, FORM]]
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
        return Mentions(len(texts), lexicon.entries, *columns)


class _Lexicon:
    """The gazetteer compiled: the phrase table, and for each form its entry and marks."""

    def __init__(self, entries: Sequence[Entry], context: Context) -> None:
        self.entries = entries
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


@lru_cache(maxsize=4)
def _compiled(gazetteer: str) -> _Lexicon:
    return _Lexicon(*parse_gazetteer(gazetteer))


class Reading(NamedTuple):
    """What `EntityFeatures` are made of.

    Attributes
    ----------
    mentions : Mentions
        The entities of each text.
    cues : ndarray of int32, shape (n_cues, 4)
        The event words, from ``features.events.EventLexicon.find``.
    lead_ends : ndarray of int64, shape (n_texts,)
        Where headline and lead of each text end, in code points.
    """

    mentions: Mentions
    cues: NDArray[np.int32]
    lead_ends: NDArray[np.int64]


class EntityFeatures(TransformerMixin, BaseEstimator):
    """Turn the entities and event words of articles into few, general features.

    Columns are ln(1 + count) of: mentions of every type and class; of types in headline and lead; how many different
    states, whether Indonesia is among
    them, whether there are two; words of each event in the whole and in headline and lead; sentences in which a type
    and an event stand together, in the whole and in headline and lead. A state counts as ``country`` and not under its
    own name, so that a model learns the event and not the state.

    Parameters
    ----------
    events : tuple of str
        Names of the events that the cues number.

    Attributes
    ----------
    classes_ : list of str
        Classes that `fit` saw, such as ``weapon.missile``.
    """

    def __init__(self, events: tuple[str, ...] = ()) -> None:
        self.events = events

    def fit(self, X: Reading, y: Any = None) -> Self:
        """Collect the classes that occur.

        Parameters
        ----------
        X : Reading
            Entities and event words of the training articles.
        y : None
            Ignored.

        Returns
        -------
        EntityFeatures
            Itself.
        """
        seen = {X.mentions.entries[k] for k in np.unique(X.mentions.entry).tolist()}
        self.classes_ = sorted({entry.entity_class for entry in seen if entry.type != "country"})
        return self

    def transform(self, X: Reading) -> sparse.csr_matrix:
        """Return the features of each article.

        Parameters
        ----------
        X : Reading
            Entities and event words.

        Returns
        -------
        csr_matrix of float32, shape (n_articles, n_columns)
            See the class.
        """
        check_is_fitted(self, "classes_")
        mentions, cues = X.mentions, X.cues
        n = mentions.n_texts
        types, classes, states = self._numbers(mentions)
        in_lead = mentions.start < X.lead_ends[mentions.text]
        cue_lead = cues[:, 1] < X.lead_ends[cues[:, 0]]
        n_types, n_events = len(TYPES), len(self.events)
        blocks = [
            _counts(mentions.text, types, n, n_types),
            _counts(mentions.text, classes, n, len(self.classes_)),
            _counts(mentions.text[in_lead], types[in_lead], n, n_types),
            _states(mentions.text, states, n),
            _counts(cues[:, 0], cues[:, 3], n, n_events),
            _counts(cues[cue_lead, 0], cues[cue_lead, 3], n, n_events),
            *_together(mentions, types, in_lead, cues, cue_lead, n_events),
        ]
        return sparse.csr_matrix(np.log1p(np.hstack(blocks), dtype=np.float32))

    def _numbers(self, mentions: Mentions) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
        """Return type, class (-1 for none) and state (-1 for none) of each mention."""
        type_number = {name: k for k, name in enumerate(TYPES)}
        class_number = {name: k for k, name in enumerate(self.classes_)}
        used, inverse = np.unique(mentions.entry, return_inverse=True)
        rows = [
            (
                type_number[entry.type],
                class_number.get(entry.entity_class, -1),
                int.from_bytes(entry.entity_class.encode()) if entry.type == "country" else -1,
            )
            for entry in (mentions.entries[k] for k in used.tolist())
        ]
        table = np.array(rows, np.int32).reshape(-1, 3)[inverse]
        return table[:, 0], table[:, 1], table[:, 2]

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return a name for every column, such as ``entity:weapon.missile`` or ``event:transfer+weapon``.

        Parameters
        ----------
        input_features : None
            Ignored.

        Returns
        -------
        ndarray of str, shape (n_columns,)
            Names in the order of the columns; those of headline and lead end in ``@lead``.
        """
        pairs = [f"event:{event}+{type_}" for event in self.events for type_ in TYPES]
        names = [f"entity:{name}" for name in (*TYPES, *self.classes_)]
        names += [f"entity:{name}@lead" for name in TYPES]
        names += ["entity:different-countries", "entity:indonesia", "entity:two-countries"]
        names += [f"event:{name}" for name in self.events] + [f"event:{name}@lead" for name in self.events]
        return np.array([*names, *pairs, *(f"{pair}@lead" for pair in pairs)], object)


_INDONESIA = int.from_bytes(b"ID")


def _counts(rows: NDArray[np.int32], columns: NDArray[np.int32], n_rows: int, n_columns: int) -> NDArray[np.float32]:
    """Count pairs of row and column; a column of -1 counts nowhere."""
    known = columns >= 0
    cells = rows[known].astype(np.int64) * n_columns + columns[known]
    return np.bincount(cells, minlength=n_rows * n_columns).reshape(n_rows, n_columns).astype(np.float32)


def _states(rows: NDArray[np.int32], states: NDArray[np.int32], n_rows: int) -> NDArray[np.float32]:
    known = states >= 0
    pairs = np.unique(rows[known].astype(np.int64) << 16 | states[known])
    different = np.bincount(pairs >> 16, minlength=n_rows)
    indonesia = np.bincount((pairs >> 16)[(pairs & 0xFFFF) == _INDONESIA], minlength=n_rows)
    return np.column_stack([different, indonesia, different > 1]).astype(np.float32)


def _together(
    mentions: Mentions,
    types: NDArray[np.int32],
    in_lead: NDArray[np.bool_],
    cues: NDArray[np.int32],
    cue_lead: NDArray[np.bool_],
    n_events: int,
) -> list[NDArray[np.float32]]:
    """Count the sentences in which an event and a type stand together: in the whole, and in headline and lead."""
    n_types = len(TYPES)
    entity_keys = mentions.text.astype(np.int64) << 32 | mentions.sentence
    cue_keys = cues[:, 0].astype(np.int64) << 32 | cues[:, 2]
    sentences, places = np.unique(np.concatenate([entity_keys, cue_keys]), return_inverse=True)
    of_entity, of_cue = places[: len(entity_keys)], places[len(entity_keys) :]
    has_type = np.zeros((len(sentences), n_types), bool)
    has_type[of_entity, types] = True
    has_event = np.zeros((len(sentences), n_events), bool)
    has_event[of_cue, cues[:, 3]] = True
    lead = np.zeros(len(sentences), bool)
    lead[of_entity[in_lead]] = True
    lead[of_cue[cue_lead]] = True
    sentence, event, type_ = np.nonzero(has_event[:, :, None] & has_type[:, None, :])
    text = (sentences >> 32).astype(np.int32)[sentence]
    pair = (event * n_types + type_).astype(np.int32)
    inside = lead[sentence]
    size = (mentions.n_texts, n_events * n_types)
    return [_counts(text, pair, *size), _counts(text[inside], pair[inside], *size)]
