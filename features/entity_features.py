"""Few, general features of an article: what its entities and event words are, and which stand together."""

from __future__ import annotations

from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from features.entities import Mentions, state_number
from features.gazetteer import TYPES


class Reading(NamedTuple):
    """What `EntityFeatures` are made of.

    Attributes
    ----------
    mentions : Mentions
        The entities of each text.
    cues : ndarray of int32, shape (n_cues, 5)
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
        facts = X.mentions.facts
        seen = np.unique(facts.class_[X.mentions.entry]).tolist()
        self.classes_ = [facts.class_names[k] for k in seen if k >= 0]
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

    @property
    def n_columns(self) -> int:
        """Columns of the matrix."""
        n_types, n_events = len(TYPES), len(self.events)
        return 2 * n_types + len(self.classes_) + 3 + 2 * n_events + 2 * n_types * n_events

    def _numbers(self, mentions: Mentions) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
        """Return type, class (-1 for none) and state (-1 for none) of each mention."""
        facts, entry = mentions.facts, mentions.entry
        number = {name: k for k, name in enumerate(self.classes_)}
        # One more at the end, for those without a class.
        numbers = np.array([*(number.get(name, -1) for name in facts.class_names), -1], np.int32)
        return facts.type[entry], numbers[facts.class_[entry]], facts.state[entry]

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


_INDONESIA = state_number("ID")


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
