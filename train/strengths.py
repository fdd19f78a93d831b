"""Which features speak for a label, by what they add to the margins of the articles that carry it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

ENTITY_KINDS = ("entity:", "event:")
"""How the names of entity features begin; the others are n-grams."""
_SHOWN = 12
_EXPLAINED = 12
"""Articles a label that are taken apart where a model has no weights that could be read off at once."""


class Strength(NamedTuple):
    """A feature and the margin that it adds to an average article with the label."""

    feature: str
    weight: float


def mean_contributions(estimator: Any, X: sparse.csr_matrix, Y: NDArray[np.int8]) -> NDArray[np.float64] | None:
    """Return what each column adds, on average, to the margin of a label in the articles that carry it.

    Parameters
    ----------
    estimator : estimator
        Fitted. With ``weights_`` of shape (n_columns, n_labels), or else ``contributions(X)`` for a single row.
    X : csr_matrix, shape (n_articles, n_columns)
        Features of labelled articles.
    Y : ndarray of 0 and 1, shape (n_articles, n_labels)
        Their labels.

    Returns
    -------
    ndarray of float, shape (n_columns, n_labels), or None
        None if the estimator offers neither way.
    """
    found = np.zeros((X.shape[1], Y.shape[1]))
    if hasattr(estimator, "weights_"):
        for k in range(Y.shape[1]):
            rows = np.flatnonzero(Y[:, k])
            if len(rows):
                found[:, k] = np.asarray(X[rows].mean(axis=0)).ravel() * estimator.weights_[:, k]
        return found
    if not hasattr(estimator, "contributions"):
        return None
    chosen = [_spread(np.flatnonzero(Y[:, k])) for k in range(Y.shape[1])]
    for row in np.unique(np.concatenate(chosen)):
        _, columns, weights = estimator.contributions(X[row])
        for k, rows in enumerate(chosen):
            if row in rows:
                found[columns, k] += weights[:, k] / len(rows)
    return found


def strongest_features(
    contributions: NDArray[np.float64], names: NDArray[np.object_], labels: Sequence[str], *, entities: bool
) -> dict[str, list[Strength]]:
    """Return for each label the features that add or take most.

    Parameters
    ----------
    contributions : ndarray of float, shape (n_columns, n_labels)
        From `mean_contributions`.
    names : ndarray of str, shape (n_columns,)
        Names of the columns; those that are only a number are passed over.
    labels : sequence of str
        Names of the labels.
    entities : bool
        Whether to look at entities and events, or at n-grams.

    Returns
    -------
    dict of str to list of Strength
        A dozen at most, the strongest first; character n-grams only where no stronger n-gram holds them.
    """
    found = {}
    for k, label in enumerate(labels):
        strengths: list[Strength] = []
        for column in np.argsort(-np.abs(contributions[:, k]), kind="stable"):
            weight, name = float(contributions[column, k]), str(names[column])
            if not weight or len(strengths) == _SHOWN:
                break
            if ":#" in name or name.startswith(ENTITY_KINDS) != entities or _says_the_same(name, strengths):
                continue
            strengths.append(Strength(name, weight))
        found[label] = strengths
    return found


def _says_the_same(name: str, strengths: Sequence[Strength]) -> bool:
    """Return whether a character n-gram is part of an n-gram that is shown already."""
    kind, _, text = name.partition(":")
    return kind == "char" and any(text in shown.feature.partition(":")[2] for shown in strengths)


def _spread(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a few of the rows, spread over all of them."""
    places = np.linspace(0, len(rows) - 1, min(_EXPLAINED, len(rows))).round().astype(np.int64)
    return rows[places]
