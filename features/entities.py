"""Entities of an article: spans with type, class and canonical name, and the features made of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from features.gazetteer import TYPES, Context, Entry, Form, load_context, load_gazetteer
from features.phrases import Match, Phrase, PhraseTable

_WORD = re.compile(r"\w+")
_WINDOW = 120
"""Characters to either side of an ambiguous form that are searched for a context word."""


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


class EntityMatcher(BaseEstimator):
    """Find the gazetteer's names in texts; the longest match wins, case and context decide where a form is ambiguous.

    Parameters
    ----------
    entries : sequence of Entry or None, default=None
        The gazetteer; by default the one that comes with the package.

    Attributes
    ----------
    gazetteer_ : str
        The entries as they were at `fit`, one a line, so that a saved matcher finds tomorrow what it finds today.

    Examples
    --------
    >>> matcher = EntityMatcher().fit()
    >>> [(entity.name, entity.type) for entity in matcher.find("Rusia-lah yang kembali mengirim S-400 ke Turki")]
    [('Russia', 'country'), ('S-400 Triumf', 'weapon'), ('Turkey', 'country')]
    """

    def __init__(self, entries: Sequence[Entry] | None = None) -> None:
        self.entries = entries

    def fit(self, X: Any = None, y: Any = None) -> Self:
        """Take the gazetteer in; the arguments are ignored."""
        self.gazetteer_ = _dumped(self.entries if self.entries is not None else load_gazetteer())
        return self

    def find(self, text: str) -> list[Entity]:
        """Return the entities of one text in order, without overlap."""
        return self.find_all([text])[0]

    def find_all(self, texts: Sequence[str]) -> list[list[Entity]]:
        """Return the entities of each text.

        Parameters
        ----------
        texts : sequence of str
            Clean texts.

        Returns
        -------
        list of list of Entity
            In order, without overlap.
        """
        check_is_fitted(self, "gazetteer_")
        lexicon = _compiled(self.gazetteer_)
        found: list[list[Match]] = [[] for _ in texts]
        for match in lexicon.table.find(texts):
            found[match.text].append(match)
        return [lexicon.resolve(text, matches) for text, matches in zip(texts, found, strict=True)]


class _Lexicon:
    """The gazetteer compiled: the phrase table, and for each phrase its entry and marks."""

    def __init__(self, entries: Sequence[Entry], context: Context) -> None:
        self.forms = [(entry, form) for entry in entries for form in entry.forms]
        self.context = context
        self.table = PhraseTable(
            Phrase(
                form.text,
                number,
                form.exact,
                slug=form.text.isupper() and form.text.lower() not in context.not_in_slugs,
                plural=entry.type == "weapon",
            )
            for number, (entry, form) in enumerate(self.forms)
        )

    def resolve(self, text: str, matches: list[Match]) -> list[Entity]:
        """Drop the ambiguous matches that nothing speaks for."""
        sure = {match: self._is_sure(text, k, matches) for k, match in enumerate(matches)}
        kept: list[Entity] = []
        types = {(match.sentence, self.forms[match.value][0].type) for match in matches if sure[match]}
        names = {self.forms[match.value][0].name for match in matches if sure[match]}
        for match in matches:
            entry, form = self.forms[match.value]
            if sure[match] or (
                form.ambiguous
                and not (form.personal and self._beside_name(text, match, matches))
                and (
                    (match.sentence, entry.type) in types
                    or entry.name in names
                    or self._has_cue(text, match, entry.type)
                )
            ):
                kept.append(Entity(match.start, match.end, entry.type, entry.name, entry.entity_class, match.sentence))
        return kept

    def _is_sure(self, text: str, k: int, matches: list[Match]) -> bool:
        form: Form = self.forms[matches[k].value][1]
        return not form.ambiguous and not (form.personal and self._beside_name(text, matches[k], matches))

    def _beside_name(self, text: str, match: Match, matches: list[Match]) -> bool:
        """Return whether a capitalised word beside the match makes it part of a person's name."""
        if match.after_capital:
            before = _WORD.findall(text[max(0, match.start - 40) : match.start])
            if (
                before
                and before[-1].casefold() not in self.context.neutral
                and not any(other.end == match.start - 1 for other in matches)
            ):
                return True
        if match.before_capital:
            after = _WORD.search(text, match.end)
            if (
                after
                and after[0].casefold() not in self.context.neutral
                and not any(other.start == match.end + 1 for other in matches)
            ):
                return True
        return False

    def _has_cue(self, text: str, match: Match, type_: str) -> bool:
        start = max(0, match.start - _WINDOW, text.rfind("\n", 0, match.start))
        window = text[start : match.start] + " " + text[match.end : match.end + _WINDOW].split("\n", 1)[0]
        return not self.context.cues[type_].isdisjoint(_WORD.findall(window.casefold()))


def _dumped(entries: Sequence[Entry]) -> str:
    def mark(form: Form) -> str:
        return "=" * form.exact + "?" * form.ambiguous + "^" * form.personal + form.text

    return "\n".join(
        "\t".join(
            (entry.type, entry.name, entry.entity_class, " ".join(entry.countries), "|".join(map(mark, entry.forms)))
        )
        for entry in entries
    )


@lru_cache(maxsize=4)
def _compiled(gazetteer: str) -> _Lexicon:
    entries = []
    for line in gazetteer.splitlines():
        type_, name, entity_class, countries, forms = line.split("\t")
        entries.append(
            Entry(type_, name, entity_class, tuple(countries.split()), tuple(map(Form.parse, forms.split("|"))))
        )
    return _Lexicon(entries, load_context())


class EntityFeatures(TransformerMixin, BaseEstimator):
    """Turn the entities of an article into a few general features.

    Columns are, for every type and every class, ln(1 + number of mentions), and how many different states are named,
    whether Indonesia is among them and whether the text names more than one. A country counts under ``country`` and not
    under its own name, so that a model learns the event.

    Attributes
    ----------
    classes_ : list of str
        Classes that `fit` saw, such as ``weapon.missile``.

    Examples
    --------
    >>> matcher = EntityMatcher().fit()
    >>> found = [matcher.find("Rusia mengirim rudal ke India")]
    >>> features = EntityFeatures().fit(found)
    >>> row = features.transform(found).toarray()[0]
    >>> {str(name): round(float(value), 2) for name, value in zip(features.get_feature_names_out(), row) if value}
    {'entity:country': 1.1, 'entity:weapon': 0.69, 'entity:weapon.missile': 0.69, 'entity:different-countries': 1.1,
    'entity:two-countries': 1.0}
    """

    def fit(self, X: Sequence[Sequence[Entity]], y: Any = None) -> Self:
        """Collect the classes that occur.

        Parameters
        ----------
        X : sequence of sequence of Entity
            The entities of each article.
        y : None
            Ignored.

        Returns
        -------
        EntityFeatures
            Itself.
        """
        self.classes_ = sorted(
            {entity.entity_class for entities in X for entity in entities if entity.type != "country"}
        )
        return self

    def transform(self, X: Sequence[Sequence[Entity]]) -> sparse.csr_matrix:
        """Return the features of each article.

        Parameters
        ----------
        X : sequence of sequence of Entity
            The entities of each article.

        Returns
        -------
        csr_matrix of float32, shape (n_articles, n_columns)
            See the class.
        """
        check_is_fitted(self, "classes_")
        column = {name: k for k, name in enumerate((*TYPES, *self.classes_))}
        counts = np.zeros((len(X), len(column)), np.float32)
        states = np.zeros((len(X), 3), np.float32)
        for row, entities in enumerate(X):
            codes = {entity.entity_class for entity in entities if entity.type == "country"}
            for entity in entities:
                counts[row, column[entity.type]] += 1
                if (class_column := column.get(entity.entity_class)) is not None:
                    counts[row, class_column] += 1
            states[row] = np.log1p(len(codes)), "ID" in codes, len(codes) > 1
        return sparse.csr_matrix(np.hstack([np.log1p(counts), states]))

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return a name for every column, such as ``entity:weapon.missile``.

        Parameters
        ----------
        input_features : None
            Ignored.

        Returns
        -------
        ndarray of str, shape (n_columns,)
            Names in the order of the columns.
        """
        names = (*TYPES, *self.classes_, "different-countries", "indonesia", "two-countries")
        return np.array([f"entity:{name}" for name in names], object)
