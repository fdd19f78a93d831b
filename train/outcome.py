"""What a model said of labelled articles, and every figure of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from train.dataset import Dataset
from train.metrics import evaluate_labels
from train.selection import label_weights
from train.slices import slices

_SLICE_RESAMPLES = 200


@dataclass(frozen=True)
class Outcome:
    """What a model said of labelled articles.

    Attributes
    ----------
    dataset : Dataset
        The articles.
    probabilities, assigned : ndarray, shape (n_articles, n_labels)
        What the model said.
    thresholds : ndarray of float, shape (n_labels,), or None
        What it was decided by, if by the same for all.
    frequencies : sequence of float or None
        How often each label occurs in use; calibration is measured at that.
    seed, resamples : int
        Of the bootstrap.
    """

    dataset: Dataset
    probabilities: NDArray[np.float64]
    assigned: NDArray[np.int8]
    thresholds: NDArray[np.float64] | None = None
    frequencies: Sequence[float | None] | None = None
    seed: int = 0
    resamples: int = 500

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """What each article counts where probabilities are measured, shape (n_articles, n_labels)."""
        return label_weights(self.dataset.Y, self.frequencies)

    @cached_property
    def figures(self) -> dict[str, Any]:
        """The figures of all articles, from ``train.metrics.evaluate_labels``."""
        return self._measure(np.ones(len(self.dataset), bool), self.resamples)

    @cached_property
    def parts(self) -> Mapping[str, dict[str, Any]]:
        """The same figures for each of ``train.slices``."""
        found = slices(self.dataset.documents)
        return {name: self._measure(rows, min(self.resamples, _SLICE_RESAMPLES)) for name, rows in found.items()}

    def _measure(self, rows: NDArray[np.bool_], resamples: int) -> dict[str, Any]:
        return evaluate_labels(
            self.dataset.Y[rows],
            self.probabilities[rows],
            self.assigned[rows],
            self.dataset.labels,
            self.thresholds,
            weights=self.weights[rows],
            seed=self.seed,
            resamples=resamples,
        )
