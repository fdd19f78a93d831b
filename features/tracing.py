"""The way back from columns to characters: what in an article's text each of its features was counted from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.article import Document
from features.entities import Entity, Mentions
from features.entity_features import EntityFeatures
from features.events import EventLexicon, load_lexicon
from features.masking import mask_edits, masked
from features.ngrams import NgramVectorizer
from features.offsets import OffsetMap
from features.pipeline import ArticleFeatures

_WORDS = NgramVectorizer(word_ngrams=(1, 1), char_ngrams=None, n_features=64)
"""Splits into words as the n-grams do."""

Spans = list[tuple[int, int]]
"""Characters that one occurrence of a feature was counted from: a span, or several where things stand together."""


class Places(NamedTuple):
    """Where the features of one article stand in its document's text.

    Attributes
    ----------
    columns, starts, ends : ndarray of int64, shape (n_places,)
        Column of the feature matrix, and a span in code points.
    shares : ndarray of float64, shape (n_places,)
        What part of the column each place accounts for: each occurrence an equal part, and in an occurrence each span.
        Those of a column add up to 1.
    """

    columns: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    shares: NDArray[np.float64]


class Cue(NamedTuple):
    """A word of an event, with its span in code points."""

    start: int
    end: int
    event: str
    sentence: int


def trace_article(features: ArticleFeatures, document: Document, mentions: Mentions) -> Places:
    """Return every place in a document's text that a column was counted from.

    Parameters
    ----------
    features : ArticleFeatures
        Fitted.
    document : Document
        The article.
    mentions : Mentions
        Its entities, from ``features.compute([document])``.

    Returns
    -------
    Places
        For all columns that are not zero but those that tell of no place, such as ``entity:different-countries``.
    """
    text = document.text[: features.max_chars]
    edits = mask_edits(mentions, features.max_chars)
    n_ngrams, n_masked = features.ngrams_.n_columns, features.masked_ngrams_.n_columns
    plain = features.ngrams_.trace(text)
    hidden = features.masked_ngrams_.trace(masked([text], edits)[0])
    way_back = OffsetMap(edits[0])
    parts = [
        _equally(plain.columns, plain.starts, plain.ends),
        _equally(
            hidden.columns + n_ngrams,
            _mapped(hidden.starts, lambda at: way_back.span(at, at + 1)[0]),
            _mapped(hidden.ends, lambda at: way_back.span(at - 1, at)[1]),
        ),
        _entity_places(
            features.entity_features_,
            occurrences(mentions.as_entities()[0], find_cues(load_lexicon(features.lexicon_), document.text), document),
            n_ngrams + n_masked,
        ),
    ]
    return Places(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def word_spans(text: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return starts and ends of the words of a text, as the n-grams have them."""
    trace = _WORDS.trace(text)
    return trace.starts, trace.ends


def find_cues(lexicon: EventLexicon, text: str) -> list[Cue]:
    """Return the event words of a text."""
    rows = lexicon.find([text]).tolist()
    return [Cue(start, end, lexicon.events[event], sentence) for _, start, sentence, event, end in rows]


def occurrences(entities: Iterable[Entity], cues: Iterable[Cue], document: Document) -> dict[str, list[Spans]]:
    """Return what `EntityFeatures` counts: for each feature's name the spans of each time that it occurs.

    Parameters
    ----------
    entities, cues : iterable of Entity and of Cue
        Of the document's text.
    document : Document
        The article.

    Returns
    -------
    dict of str to list of Spans
        Such as ``event:transfer+weapon``, of which one occurrence is a sentence: its words of transfer and its weapons.
    """
    found: dict[str, list[Spans]] = defaultdict(list)
    types: dict[int, dict[str, Spans]] = defaultdict(lambda: defaultdict(list))
    events: dict[int, dict[str, Spans]] = defaultdict(lambda: defaultdict(list))
    leading = set()
    for entity in entities:
        span = (entity.start, entity.end)
        names = [entity.type, entity.entity_class] if entity.type != "country" else [entity.type]
        if entity.start < document.lead_end:
            names.append(f"{entity.type}@lead")
            leading.add(entity.sentence)
        for name in names:
            found[f"entity:{name}"].append([span])
        if entity.type == "country" and entity.entity_class == "ID":
            # Counted once, however often it is named.
            found["entity:indonesia"] = [[*found["entity:indonesia"][0], span] if found["entity:indonesia"] else [span]]
        types[entity.sentence][entity.type].append(span)
    for cue in cues:
        names = [cue.event]
        if cue.start < document.lead_end:
            names.append(f"{cue.event}@lead")
            leading.add(cue.sentence)
        for name in names:
            found[f"event:{name}"].append([(cue.start, cue.end)])
        events[cue.sentence][cue.event].append((cue.start, cue.end))
    for sentence in sorted(types.keys() & events.keys()):
        for event, words in events[sentence].items():
            for type_, spans in types[sentence].items():
                for lead in ("", "@lead") if sentence in leading else ("",):
                    found[f"event:{event}+{type_}{lead}"].append(words + spans)
    return dict(found)


def _equally(columns: NDArray[np.int64], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Places:
    """Give each occurrence of a column the same share; one without any character has none."""
    filled = ends > starts
    columns, starts, ends = columns[filled], starts[filled], ends[filled]
    _, place, count = np.unique(columns, return_inverse=True, return_counts=True)
    return Places(columns, starts, ends, 1 / count[place])


def _mapped(offsets: NDArray[np.int64], way_back: Callable[[int], int]) -> NDArray[np.int64]:
    unique, place = np.unique(offsets, return_inverse=True)
    return np.array([way_back(at) for at in unique.tolist()], np.int64)[place]


def _entity_places(features: EntityFeatures, found: dict[str, list[Spans]], first: int) -> Places:
    columns = {name: first + k for k, name in enumerate(features.get_feature_names_out().tolist())}
    rows = [
        (columns[name], start, end, 1 / len(times) / len(spans))
        for name, times in found.items()
        if name in columns
        for spans in times
        for start, end in spans
    ]
    numbers = np.array([row[:3] for row in rows], np.int64).reshape(-1, 3)
    return Places(numbers[:, 0], numbers[:, 1], numbers[:, 2], np.array([row[3] for row in rows], np.float64))


class ColumnNames:
    """Names of single columns; ``get_feature_names_out`` makes those of all 650,000.

    Parameters
    ----------
    features : ArticleFeatures
        Fitted.
    """

    def __init__(self, features: ArticleFeatures) -> None:
        self._vectorizers = features.ngrams_, features.masked_ngrams_
        self._entities = features.entity_features_.get_feature_names_out()
        self._names: list[Sequence[str] | None] = [None, None]

    def __getitem__(self, column: int) -> str:
        """Return the name of a column as ``ArticleFeatures.get_feature_names_out`` has it."""
        for block, vectorizer in enumerate(self._vectorizers):
            if column < vectorizer.n_columns:
                name = self._ngram(block, column)
                return name.replace("word:", "masked:", 1) if block else name
            column -= vectorizer.n_columns
        return str(self._entities[column])

    def _ngram(self, block: int, column: int) -> str:
        vectorizer = self._vectorizers[block]
        at = int(np.searchsorted(vectorizer.named_columns_, column))
        if at < len(vectorizer.named_columns_) and vectorizer.named_columns_[at] == column:
            names = self._names[block]
            if names is None:
                names = self._names[block] = vectorizer.joined_names_.split("\n")
            return names[at]
        words = vectorizer.word_ngrams is not None and column < vectorizer.n_features
        return f"{'word' if words else 'char'}:#{column}"
