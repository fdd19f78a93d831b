"""The stacked candidate: linear over the margins of others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from train.contributions import Contributions

_INNER_FOLDS = 3
NO_MARGIN = 6.0
"""Margin of a label that all training articles carry, or none."""
_TINY = 1e-6


class StackedEstimator(BaseEstimator):
    """Logistic regression for each label on the margins that other candidates give for it.

    The margins for the other labels are left out: mixed in, they learned which labels go together in the corpus, and
    ranked long articles worse.

    Parameters
    ----------
    members : sequence of (str, estimator)
        The other candidates by name.
    C : float, default=0.3
        Inverse strength of the L2 penalty on the weights of the margins, each scaled to standard deviation 1.
    seed : int, default=0
        Of the inner folds.

    Attributes
    ----------
    members_ : list of estimator
        Fitted to all articles.
    mix_ : ndarray of float64, shape (n_members, n_labels)
        Weight of each member's margin.
    intercept_ : ndarray of float64, shape (n_labels,)
        Bias of each label.
    """

    def __init__(self, members: Sequence[tuple[str, Any]], C: float = 0.3, seed: int = 0) -> None:
        self.members = members
        self.C = C
        self.seed = seed

    def fit(
        self,
        X: sparse.csr_matrix,
        Y: NDArray[np.int8],
        margins: Sequence[NDArray[np.float64]] | None = None,
        fitted: Sequence[Any] | None = None,
    ) -> Self:
        """Fit the members to all articles, and the mixture to margins that they gave out of fold.

        Parameters
        ----------
        X : csr_matrix, shape (n_articles, n_columns)
            Features.
        Y : ndarray of 0 and 1, shape (n_articles, n_labels)
            What is true.
        margins : sequence of ndarray, each of shape (n, n_labels), optional
            Out-of-fold margins of each member where a cross-validation has them, else three folds are made here. They
            may be those of the first articles alone, without the leads that follow (``train.leads``).
        fitted : sequence of estimator, optional
            The members, where they are fitted to X and Y already.

        Returns
        -------
        StackedEstimator
            Itself.
        """
        known = self._out_of_fold(X, Y) if margins is None else margins
        self.fit_mixture(known, Y[: len(known[0])])
        self.members_ = list(fitted) if fitted else [clone(member).fit(X, Y) for _, member in self.members]
        return self

    def fit_mixture(self, margins: Sequence[NDArray[np.float64]], Y: NDArray[np.int8]) -> Self:
        """Fit the mixture alone."""
        inputs = np.stack(list(margins))
        scale = np.maximum(inputs.std(axis=1), _TINY)
        self.mix_, self.intercept_ = np.zeros(scale.shape), np.zeros(Y.shape[1])
        for k, y in enumerate(Y.T):
            if y.min() == y.max():
                self.intercept_[k] = NO_MARGIN if y[0] else -NO_MARGIN
                continue
            model = LogisticRegression(C=self.C, class_weight="balanced").fit((inputs[:, :, k] / scale[:, [k]]).T, y)
            self.mix_[:, k] = model.coef_[0] / scale[:, k]
            self.intercept_[k] = model.intercept_[0]
        return self

    def mixed(self, margins: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
        """Return the margins that follow from those of the members."""
        return np.einsum("mnk,mk->nk", np.stack(list(margins)), self.mix_) + self.intercept_  # type: ignore[no-any-return]

    def decision_function(self, X: sparse.csr_matrix) -> NDArray[np.float64]:
        """Return the margins, shape (n_articles, n_labels)."""
        return self.mixed([member.decision_function(X) for member in self.members_])

    def contributions(self, X: sparse.csr_matrix) -> Contributions:
        """Say what each column adds to the margins of one article: what it adds to the members', mixed as they are."""
        parts = [member.contributions(X) for member in self.members_]
        columns, places = np.unique(np.concatenate([part.columns for part in parts]), return_inverse=True)
        weights = np.zeros((len(columns), len(self.intercept_)))
        np.add.at(weights, places, np.vstack([part.weights * mix for part, mix in zip(parts, self.mix_, strict=True)]))
        base = self.intercept_ + sum(part.base * mix for part, mix in zip(parts, self.mix_, strict=True))
        return Contributions(base, columns, weights)

    def _out_of_fold(self, X: sparse.csr_matrix, Y: NDArray[np.int8]) -> list[NDArray[np.float64]]:
        margins = [np.zeros(Y.shape) for _ in self.members]
        for inside, outside in KFold(_INNER_FOLDS, shuffle=True, random_state=self.seed).split(Y):
            for own, (_, member) in zip(margins, self.members, strict=True):
                own[outside] = clone(member).fit(X[inside], Y[inside]).decision_function(X[outside])
        return margins
