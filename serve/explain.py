"""Why an article got its labels: contributions of features become spans of the text that was sent."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from features.article import Document
from features.pipeline import ArticleFeatures
from features.tracing import ColumnNames, trace_article
from serve.errors import RequestError
from serve.evidence import phrases, weigh_words
from train.classifier import ArticleClassifier

_SHOWN = 8
"""Features without a place that are named, the strongest; the rest is summed as ``other``."""


def explaining(
    classifier: ArticleClassifier, document: Document, labels: Sequence[str] = ()
) -> Generator[None, None, dict[str, Any]]:
    """Label an article and say why, in steps between which something else may be done.

    Parameters
    ----------
    classifier : ArticleClassifier
        The model.
    document : Document
        The article.
    labels : sequence of str, default=()
        Labels to be explained besides those that are assigned.

    Yields
    ------
    None
        After each step.

    Returns
    -------
    dict
        The result with ``explanation``: for each label ``margin``, ``base``, ``unplaced`` and ``evidence``, where
        base + Σ unplaced + Σ evidence = margin.

    Raises
    ------
    RequestError
        400 if the model does not have a label of `labels`.
    ValueError
        If nothing of the article's text is left after cleaning.
    """
    names = classifier.classes_.tolist()
    for place, label in enumerate(labels):
        if label not in names:
            message = f"unknown label {label[:80]!r}, expected one of {', '.join(names)}"
            raise RequestError(400, message, ("labels", place))
    result = classifier.classify([document])[0]
    chosen = list(dict.fromkeys([*result.labels, *labels]))
    yield
    explanation = yield from _explanation(classifier, document, [names.index(name) for name in chosen])
    return result.as_json() | {"explanation": explanation}


def _explanation(
    classifier: ArticleClassifier, document: Document, chosen: list[int]
) -> Generator[None, None, dict[str, Any]]:
    """Explain the labels that `chosen` numbers."""
    explanation: dict[str, Any] = {}
    if not chosen:
        return explanation
    features = classifier.features_
    computed = features.compute([document])
    margins = classifier.estimator_.decision_function(computed.matrix)[0]
    base, columns, weights = classifier.estimator_.contributions(computed.matrix)
    order = np.argsort(columns)
    columns, weights = np.asarray(columns)[order], np.asarray(weights, np.float64)[order][:, chosen]
    yield
    places = trace_article(features, document, computed.mentions)
    yield
    row = np.minimum(np.searchsorted(columns, places.columns), max(0, len(columns) - 1))
    counted = columns[row] == places.columns if len(columns) else np.zeros(len(row), bool)
    of_place = np.zeros((len(row), len(chosen)))
    of_place[counted] = weights[row[counted]] * places.shares[counted, None]
    spans = list(zip(computed.mentions.start.tolist(), computed.mentions.end.tolist(), strict=True))
    words = weigh_words(document, places, of_place, spans)
    # What a column has beyond its places is unplaced: all of it where it has none.
    placed = np.zeros(len(columns))
    np.add.at(placed, row[counted & ~words.lost], places.shares[counted & ~words.lost])
    missing = weights * np.where(placed > 1 - 1e-9, 0.0, 1 - placed)[:, None]
    for k, label in enumerate(chosen):
        yield
        explanation[str(classifier.classes_[label])] = {
            "margin": float(margins[label]),
            "base": float(base[label]),
            "unplaced": _unplaced(features, columns, missing[:, k]),
            "evidence": phrases(document, words, k),
        }
    return explanation


def _unplaced(
    features: ArticleFeatures, columns: NDArray[np.int64], weights: NDArray[np.float64]
) -> list[dict[str, Any]]:
    """Name the strongest features that have no place in the text; sum up the others."""
    names = _column_names(features)
    order = np.argsort(-np.abs(weights), kind="stable")
    order = order[weights[order] != 0]
    rows = [{"feature": names[int(columns[k])], "weight": float(weights[k])} for k in order[:_SHOWN]]
    if len(order) > _SHOWN:
        rows.append({"feature": "other", "weight": float(weights[order[_SHOWN:]].sum())})
    return rows


_names: WeakKeyDictionary[ArticleFeatures, ColumnNames] = WeakKeyDictionary()


def _column_names(features: ArticleFeatures) -> ColumnNames:
    """Return the names of a model's columns, which are split only once and go with the model."""
    if features not in _names:
        _names[features] = ColumnNames(features)
    return _names[features]
