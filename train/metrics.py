"""How well labels are assigned and how true their probabilities are: figures with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from train.bootstrap import Draws, assignment, average_precisions, bin_numbers, calibration_errors, interval, resampled

RESAMPLES = 500
FIGURES = ("f1", "precision", "recall", "average_precision", "calibration_error", "brier_skill")
"""What is measured of each label."""
SUMMARY = (
    "macro_f1",
    "micro_f1",
    "mean_average_precision",
    "macro_precision",
    "macro_recall",
    "micro_precision",
    "micro_recall",
    "micro_average_precision",
    "macro_calibration_error",
    "micro_calibration_error",
    "macro_brier_skill",
    "micro_brier_skill",
)
"""What is measured over all labels; ``mean_average_precision`` is the macro average precision."""


def evaluate_labels(
    Y: NDArray[np.int8],
    probabilities: NDArray[np.float64],
    assigned: NDArray[np.int8],
    labels: Sequence[str],
    thresholds: NDArray[np.float64] | None = None,
    *,
    weights: NDArray[np.float64] | None = None,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> dict[str, Any]:
    """Measure assigned labels, their ranking and their probabilities.

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
    weights : ndarray of float, shape (n_articles, n_labels), optional
        What an article counts in calibration error and Brier skill, from ``train.selection.label_weights``:
        probabilities that were calibrated for the frequency in use cannot be true at another one. The other figures
        count every article as one.
    seed, resamples : int
        Of the bootstrap, which draws articles with replacement (Efron, 1979) and takes percentiles.

    Returns
    -------
    dict
        ``SUMMARY``, each with ``…_interval: [low, high]`` (95 %), and ``labels``: for each name ``FIGURES`` with their
        intervals, threshold, support. Labels without support are left out of the macro figures; None stands where a
        figure or an interval is not defined. ``calibration_error`` is the expected calibration error over bins of
        equally many articles (Nguyen and O'Connor, 2015), ``brier_skill`` 1 less the Brier score over that of always
        saying the label's share (Murphy, 1973).
    """
    weights = np.ones(Y.shape) if weights is None else weights
    with threadpool_limits(1, user_api="blas"):  # on matrices this small, more threads wait for each other
        blocks = [_block(Y, probabilities, assigned, weights, counts) for counts in resampled(len(Y), resamples, seed)]
    overall, *own = (
        {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        for parts in zip(*blocks, strict=True)
    )
    result: dict[str, Any] = {}
    for name in SUMMARY:
        result |= _with_interval(name, overall[name])
    result["labels"] = {}
    for k, label in enumerate(labels):
        row: dict[str, Any] = {name: _value(own[k][name]) for name in FIGURES}
        row |= {"threshold": None if thresholds is None else float(thresholds[k]), "support": int(Y[:, k].sum())}
        for name in FIGURES:
            row |= _with_interval(name, own[k][name])
        result["labels"][label] = row
    return result


def average_precision(y: NDArray[np.int8], scores: NDArray[np.float64]) -> float:
    """Return the average precision of one ranking; see ``train.bootstrap.average_precisions``.

    Parameters
    ----------
    y : ndarray of 0 and 1, shape (n,)
        What is true; at least one 1.
    scores : ndarray of float, shape (n,)
        Higher is surer.

    Returns
    -------
    float
        Between 0 and 1.
    """
    return float(average_precisions(y, scores, np.ones((len(y), 1), np.float32))[0])


def _block(
    Y: NDArray[np.int8],
    probabilities: NDArray[np.float64],
    assigned: NDArray[np.int8],
    weights: NDArray[np.float64],
    counts: NDArray[np.float64],
) -> list[Draws]:
    """Return the figures over all labels, then those of each label, in a block of resamples."""
    # All shape (n_labels, n_resamples).
    hits, positives, guesses = ((what.T.astype(float) @ counts) for what in (Y & assigned, Y, assigned))
    weight, true = weights.T @ counts, (weights * Y).T @ counts
    squares = (weights * (probabilities - Y) ** 2).T @ counts
    baseline = true * (1 - true / np.maximum(weight, np.finfo(float).tiny))
    excess = weights * (probabilities - Y)
    bins = np.column_stack([bin_numbers(column, len(Y)) for column in probabilities.T])
    drawn = counts.astype(np.float32)  # whole numbers; half of the memory to go through
    own = [
        assignment(hits[k], positives[k], guesses[k])
        | {
            "average_precision": average_precisions(Y[:, k], probabilities[:, k], drawn),
            "calibration_error": calibration_errors(bins[:, [k]], excess[:, [k]], counts, weight[k]),
            "brier_skill": _skill(squares[k], baseline[k]),
        }
        for k in range(Y.shape[1])
    ]
    articles = np.repeat(np.arange(len(Y)), Y.shape[1])
    pooled = bin_numbers(probabilities.ravel(), len(Y)).reshape(Y.shape)
    micro = assignment(hits.sum(axis=0), positives.sum(axis=0), guesses.sum(axis=0)) | {
        "average_precision": average_precisions(Y.ravel(), probabilities.ravel(), drawn, articles),
        "calibration_error": calibration_errors(pooled, excess, counts, weight.sum(axis=0)),
        "brier_skill": _skill(squares.sum(axis=0), baseline.sum(axis=0)),
    }
    overall = {f"micro_{name}": values for name, values in micro.items()}
    # A resample may lack a label that the whole has; it is then left out of that resample's means.
    present = positives > 0
    for name in FIGURES:
        stacked = np.array([row[name] for row in own])
        if name == "precision":
            stacked = np.nan_to_num(stacked)  # a label that is never assigned finds nothing, as in its F1
        known = present & np.isfinite(stacked)
        sums, n = np.where(known, stacked, 0).sum(axis=0), known.sum(axis=0)
        key = "mean_average_precision" if name == "average_precision" else f"macro_{name}"
        overall[key] = np.where(n > 0, sums / np.maximum(n, 1), np.nan)
    return [overall, *own]


def _skill(squares: NDArray[np.float64], baseline: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the Brier skill score; NaN where all articles carry a label, or none."""
    defined = baseline > 1e-9
    return np.where(defined, 1 - squares / np.where(defined, baseline, 1), np.nan)  # type: ignore[no-any-return]


def _value(draws: NDArray[np.float64]) -> float | None:
    return float(draws[0]) if np.isfinite(draws[0]) else None


def _with_interval(name: str, draws: NDArray[np.float64]) -> dict[str, Any]:
    noisy = name.endswith("calibration_error")
    return {name: _value(draws), f"{name}_interval": interval(draws[1:], float(draws[0]), one_sided_noise=noisy)}
