"""The bootstrap behind the figures: all resamples at once, each as the number of times it draws every article."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95
"""Share of the resamples that an interval holds."""
_BLOCK = 500_000
"""Counts made at once: a few megabytes stay in the processor's cache."""
_BINS, _PER_BIN = 10, 20
"""Bins of the calibration error at most, and articles that each needs."""

Draws = dict[str, NDArray[np.float64]]
"""For each figure its value in every resample; the first one is the sample itself."""


def resampled(n: int, resamples: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """Yield how often each article is drawn, block by block.

    Parameters
    ----------
    n : int
        Articles.
    resamples, seed : int
        How many resamples, and what draws them.

    Yields
    ------
    ndarray of float64, shape (n, n_resamples)
        Columns sum to `n`; the first column of the first block is 1 throughout, the sample itself.
    """
    rng = np.random.default_rng(seed)
    left, first = resamples, 1
    while left or first:
        size = min(left, max(1, _BLOCK // max(1, n)))
        counts = np.ones((n, first + size))
        drawn = rng.integers(0, n, (size, n)) + n * np.arange(size)[:, None]
        counts[:, first:] = np.bincount(drawn.ravel(), minlength=n * size).reshape(size, n).T
        yield counts
        left, first = left - size, 0


def assignment(hits: NDArray[Any], positives: NDArray[Any], guesses: NDArray[Any]) -> Draws:
    """Return F1, precision and recall from counts; NaN where one is not defined."""
    return {
        "f1": np.where(positives > 0, _ratio(2 * hits, positives + guesses), np.nan),
        "precision": _ratio(hits, guesses),
        "recall": _ratio(hits, positives),
    }


def average_precisions(
    y: NDArray[np.int8],
    scores: NDArray[np.float64],
    counts: NDArray[np.floating[Any]],
    rows: NDArray[np.int64] | None = None,
) -> NDArray[np.float64]:
    """Return the average precision in every resample: the mean over recall steps, ties taken as one step.

    Parameters
    ----------
    y : ndarray of 0 and 1, shape (n,)
        What is true.
    scores : ndarray of float, shape (n,)
        Higher is surer.
    counts : ndarray of float, shape (n_articles, n_resamples)
        How often each article is drawn.
    rows : ndarray of int64, shape (n,), optional
        The article that each score belongs to; by default they are as many, in the same order.

    Returns
    -------
    ndarray of float, shape (n_resamples,)
        Sum of precision times the gain in recall, as scikit-learn's ``average_precision_score``; NaN without a 1.
    """
    order = np.argsort(-scores, kind="stable")
    ranked, hit = scores[order], y[order] > 0
    if not hit.any():
        return np.full(counts.shape[1], np.nan)
    articles = order if rows is None else rows[order]
    # Only ties with a positive among them are steps; whatever lies between two steps is added up at once.
    tie = np.cumsum(np.append(False, np.diff(ranked) != 0))
    of_hits, first_hits = np.unique(tie[hit], return_index=True)
    ends = np.searchsorted(tie, of_hits, side="right")
    drawn = np.add.reduceat(counts[articles[: ends[-1]]], np.append(0, ends[:-1]), axis=0)
    gains = np.add.reduceat(counts[articles[hit]], first_hits, axis=0)
    seen, hits = np.cumsum(drawn, axis=0, dtype=np.float64), np.cumsum(gains, axis=0, dtype=np.float64)
    return _ratio((hits * gains / np.maximum(seen, 1)).sum(axis=0), hits[-1])


def paired_precisions(
    Y: NDArray[np.int8], models: Sequence[NDArray[np.float64]], resamples: int, seed: int
) -> NDArray[np.float64]:
    """Return the average precisions of several models, each draw with the same articles for all (paired; Efron, 1979).

    Parameters
    ----------
    Y : ndarray of 0 and 1, shape (n_articles, n_labels)
        What is true.
    models : sequence of ndarray of float, same shape
        Scores of each model.
    resamples, seed : int
        Of the bootstrap.

    Returns
    -------
    ndarray of float64, shape (n_models, n_labels, 1 + resamples)
        The first of each are those of the whole sample; NaN where a draw lacks a label.
    """
    blocks = [
        [[average_precisions(y, column, counts) for y, column in zip(Y.T, scores.T, strict=True)] for scores in models]
        for counts in resampled(len(Y), resamples, seed)
    ]
    return np.concatenate([np.array(block) for block in blocks], axis=2)


def mean_gains(old: NDArray[np.float64], new: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return by how much one of the `paired_precisions` is above another in each draw, on average over the labels."""
    gains = (new - old)[:, 1:]
    # A label that a draw lacks is left out of that draw's mean, and a draw without any label altogether.
    return np.nanmean(gains[:, np.isfinite(gains).any(axis=0)], axis=0)  # type: ignore[no-any-return]


def bin_numbers(probabilities: NDArray[np.float64], n_articles: int) -> NDArray[np.int64]:
    """Put probabilities into bins of equally many (adaptive bins; ties share one), numbered upwards from 0."""
    n_bins = int(np.clip(n_articles // _PER_BIN, 1, _BINS))
    edges = np.quantile(probabilities, np.arange(1, n_bins) / n_bins)
    return np.searchsorted(np.unique(edges), probabilities, side="right")


def calibration_errors(
    bins: NDArray[np.int64], excess: NDArray[np.float64], counts: NDArray[np.float64], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the expected calibration error in every resample.

    Parameters
    ----------
    bins : ndarray of int64, shape (n_articles, n_labels)
        From `bin_numbers`; several labels are measured as one.
    excess : ndarray of float, shape (n_articles, n_labels)
        Weight times how much the probability lies above the truth.
    counts : ndarray of float, shape (n_articles, n_resamples)
        How often each article is drawn.
    weight : ndarray of float, shape (n_resamples,)
        Sum of the weights.

    Returns
    -------
    ndarray of float, shape (n_resamples,)
        Mean over articles of the gap in their bin.
    """
    gaps = np.zeros((len(bins), int(bins.max(initial=0)) + 1))
    np.add.at(gaps, (np.arange(len(bins))[:, None], bins), excess)
    return np.abs(gaps.T @ counts).sum(axis=0) / weight  # type: ignore[no-any-return]


def interval(draws: NDArray[np.float64], value: float, *, one_sided_noise: bool) -> list[float] | None:
    """Return the percentile interval of resampled values, or None if there is none.

    Parameters
    ----------
    draws : ndarray of float
        NaN where a resample does not define the figure.
    value : float
        Of the sample itself.
    one_sided_noise : bool
        Whether noise can only raise the figure, as it does the calibration error: resamples add their own noise to
        that of the sample and are moved back by as much as they are too high on average.

    Returns
    -------
    list of two floats, or None
        Low and high.
    """
    draws = draws[np.isfinite(draws)]
    if not len(draws) or not np.isfinite(value):
        return None
    if one_sided_noise:
        draws = np.maximum(0.0, draws - draws.mean() + value)
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return [float(low), float(high)]


def _ratio(above: NDArray[Any], below: NDArray[Any]) -> NDArray[np.float64]:
    return np.where(below > 0, above / np.where(below > 0, below, 1), np.nan)  # type: ignore[no-any-return]
