"""How well labels are assigned: figures with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 500
_LEVEL = 0.95


def evaluate_labels(
    Y: NDArray[np.int8],
    probabilities: NDArray[np.float64],
    assigned: NDArray[np.int8],
    labels: Sequence[str],
    thresholds: NDArray[np.float64] | None = None,
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> dict[str, Any]:
    """Measure assigned labels and their ranking.

    Parameters
    ----------
    Y, assigned : ndarray of 0 and 1, shape (n_articles, n_labels)
        What is true and what was assigned.
    probabilities : ndarray of float, shape (n_articles, n_labels)
        What articles are ranked by.
    labels : sequence of str
        Names of the columns.
    thresholds : ndarray of float, shape (n_labels,), optional
        Reported with each label.
    seed, resamples : int
        Of the bootstrap, which draws articles with replacement (Efron, 1979) and takes percentiles.

    Returns
    -------
    dict
        ``macro_f1``, ``micro_f1``, ``mean_average_precision``, each with ``…_interval: [low, high]`` (95 %), and
        ``labels``: for each name f1, precision, recall,
        average_precision, threshold, support. Labels without support are left out of the macro figures, and have None
        where a figure is not defined.
    """
    supported = np.flatnonzero(Y.sum(axis=0))
    figures = _summary(Y, probabilities, assigned, supported)
    rng = np.random.default_rng(seed)
    draws = [
        _summary(Y[rows], probabilities[rows], assigned[rows], supported)
        for rows in rng.integers(0, len(Y), (resamples, len(Y)))
    ]
    result: dict[str, Any] = {}
    for name, value in figures.items():
        result[name] = value
        low, high = (
            np.nanquantile([draw[name] for draw in draws], [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
            if draws
            else (np.nan, np.nan)
        )
        result[f"{name}_interval"] = [float(low), float(high)]
    result["labels"] = {
        label: _label_figures(
            Y[:, k], probabilities[:, k], assigned[:, k], None if thresholds is None else float(thresholds[k])
        )
        for k, label in enumerate(labels)
    }
    return result


def _summary(
    Y: NDArray[np.int8], probabilities: NDArray[np.float64], assigned: NDArray[np.int8], supported: NDArray[np.int64]
) -> dict[str, float]:
    hits, positives, guesses = (Y & assigned).sum(axis=0), Y.sum(axis=0), assigned.sum(axis=0)
    # A resample may lack a label that the whole has; it is then left out of that resample's means.
    present = supported[positives[supported] > 0]
    f1 = 2 * hits[present] / (positives[present] + guesses[present])
    total = positives.sum() + guesses.sum()
    precisions = [average_precision(Y[:, k], probabilities[:, k]) for k in present]
    return {
        "macro_f1": float(f1.mean()) if len(present) else float("nan"),
        "micro_f1": float(2 * hits.sum() / total) if total else float("nan"),
        "mean_average_precision": float(np.mean(precisions)) if len(present) else float("nan"),
    }


def _label_figures(
    y: NDArray[np.int8], probabilities: NDArray[np.float64], assigned: NDArray[np.int8], threshold: float | None
) -> dict[str, Any]:
    hits, positives, guesses = int((y & assigned).sum()), int(y.sum()), int(assigned.sum())
    return {
        "f1": 2 * hits / (positives + guesses) if positives else None,
        "precision": hits / guesses if guesses else None,
        "recall": hits / positives if positives else None,
        "average_precision": average_precision(y, probabilities) if positives else None,
        "threshold": threshold,
        "support": positives,
    }


def average_precision(y: NDArray[np.int8], scores: NDArray[np.float64]) -> float:
    """Return the average precision: the mean over recall steps, ties taken as one step.

    Parameters
    ----------
    y : ndarray of 0 and 1, shape (n,)
        What is true; at least one 1.
    scores : ndarray of float, shape (n,)
        Higher is surer.

    Returns
    -------
    float
        Sum of precision times the gain in recall, as scikit-learn's ``average_precision_score``, which takes ten times
        as long on small data.
    """
    order = np.argsort(-scores, kind="stable")
    sorted_scores, hits = scores[order], np.cumsum(y[order])
    last = np.append(np.flatnonzero(np.diff(sorted_scores)), len(scores) - 1)
    gains = np.diff(hits[last], prepend=0)
    return float((hits[last] / (last + 1) * gains).sum() / hits[-1])
