"""Weights of features become weights of words, and those phrases that a person can read."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.article import Document, Span
from features.tracing import Places, word_spans

_STRONG = 0.1
"""A word is strong from this part of the strongest word's weight on; strong and weak words form no phrase together."""
_BETWEEN = " \t\u00a0-–/'’‘\"“”"
"""What may stand between two words of a phrase."""


class Words(NamedTuple):
    """Words of a document that carry weight.

    Attributes
    ----------
    spans : list of Span
        Where they stand in the article as it was sent, in order.
    linked, near : list of bool, of length n_words - 1
        Whether a word and the next belong together (a name, overlapping spans), and whether they may form a phrase.
    weights : ndarray of float64, shape (n_words, n_labels)
        What each adds to the margin of each label.
    lost : ndarray of float64, shape (n_places,)
        For each place whether no word stands there.
    """

    spans: list[Span]
    linked: list[bool]
    near: list[bool]
    weights: NDArray[np.float64]
    lost: NDArray[np.bool_]


def weigh_words(
    document: Document, places: Places, weights: NDArray[np.float64], names: list[tuple[int, int]]
) -> Words:
    """Divide the weight of each place among the words that it covers.

    Parameters
    ----------
    document : Document
        The article.
    places : Places
        Where the features stand.
    weights : ndarray of float64, shape (n_places, n_labels)
        The weight of each place.
    names : list of (start, end)
        Spans of the document's text that are shown in one piece.

    Returns
    -------
    Words
        The words with their weights.
    """
    starts, ends = word_spans(document.text)
    first, last = _covered(starts, ends, places.starts, places.ends)
    sizes = np.maximum(last - first, 0)
    # One row for each pair of a place and a word in it.
    of_place = np.repeat(np.arange(len(sizes)), sizes)
    of_word = np.arange(len(of_place)) - np.repeat(np.cumsum(sizes) - sizes, sizes) + first[of_place]
    part = weights[of_place] / sizes[of_place, None]
    table: NDArray[np.float64] = np.column_stack([np.bincount(of_word, column, len(starts)) for column in part.T])
    used = np.flatnonzero(table.any(axis=1))
    spans = [document.source_span(*bounds) for bounds in zip(starts[used].tolist(), ends[used].tolist(), strict=True)]
    within = _within(len(starts), *_covered(starts, ends, *np.array(names, np.int64).reshape(-1, 2).T), used)
    linked = [
        named or _overlap(one, other) or _is_number(document, one, other)
        for named, (one, other) in zip(within, pairwise(spans), strict=True)
    ]
    near = [
        follows and _is_near(document, one, other)
        for follows, (one, other) in zip((np.diff(used) == 1).tolist(), pairwise(spans), strict=True)
    ]
    return Words(spans, linked, near, table[used], sizes == 0)


def _within(n_words: int, first: NDArray[np.int64], last: NDArray[np.int64], used: NDArray[np.int64]) -> list[bool]:
    """Tell of each two neighbours in `used` whether one and the same name covers both; names do not overlap."""
    name = np.full(n_words, -1)
    for number, (left, right) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
        name[left:right] = number
    of_used = name[used]
    return ((of_used[1:] >= 0) & (of_used[1:] == of_used[:-1])).tolist()  # type: ignore[no-any-return]


def phrases(document: Document, words: Words, label: int) -> list[dict[str, Any]]:
    """Return the evidence for one label: phrases with the sum of their words' weights, the strongest first.

    Neighbouring words form a phrase if they speak alike: all strong and for the label, all strong and against it, or
    all weak.
    """
    weights = words.weights[:, label]
    if not len(weights):
        return []
    units = _units(weights, words.linked)
    cut = _STRONG * max(abs(weight) for *_, weight in units)
    joined: list[tuple[int, int, float]] = []
    kinds: list[int] = []
    for first, last, weight in units:
        kind = 0 if abs(weight) < cut else 1 if weight > 0 else -1
        if joined and kind == kinds[-1] and words.near[first - 1]:
            start, _, before = joined.pop()
            joined.append((start, last, before + weight))
        else:
            joined.append((first, last, weight))
            kinds.append(kind)
    evidence = [_row(document, words.spans[first : last + 1], weight) for first, last, weight in joined if weight]
    return sorted(evidence, key=lambda row: -abs(row["weight"]))


def _units(weights: NDArray[np.float64], linked: list[bool]) -> list[tuple[int, int, float]]:
    """Return first word, last word and weight of what must stay together."""
    units: list[tuple[int, int, float]] = []
    for place, weight in enumerate(weights.tolist()):
        if place and linked[place - 1]:
            first, _, before = units.pop()
            units.append((first, place, before + weight))
        else:
            units.append((place, place, weight))
    return units


def _row(document: Document, spans: list[Span], weight: float) -> dict[str, Any]:
    field, start, end = spans[0]
    for span in spans[1:]:
        start, end = min(start, span.start), max(end, span.end)
    return {
        "text": _sent(document, field)[start:end],
        "field": field,
        "start": start,
        "end": end,
        "weight": weight,
    }


def _covered(
    starts: NDArray[np.int64], ends: NDArray[np.int64], left: NDArray[np.int64], right: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first word that each span touches, and the one behind the last."""
    return np.searchsorted(ends, left, "right"), np.searchsorted(starts, right, "left")


def _overlap(one: Span, other: Span) -> bool:
    return one.field == other.field and other.start < one.end


def _is_number(document: Document, one: Span, other: Span) -> bool:
    """Tell whether two words are halves of a number such as 2.000."""
    if one.field != other.field or other.start != one.end + 1:
        return False
    sent = _sent(document, one.field)
    return sent[one.end] in ".," and sent[one.end - 1].isdigit() and sent[other.start].isdigit()


def _is_near(document: Document, one: Span, other: Span) -> bool:
    """Tell whether nothing but a space or a hyphen was sent between two words: no full stop, no tag, no cut line."""
    if one.field != other.field:
        return False
    return not _sent(document, one.field)[one.end : other.start].strip(_BETWEEN)


def _sent(document: Document, field: str) -> str:
    return document.article.text if field == "text" else document.article.title or ""
