"""The estimators that compete: each gives one margin for each label, which calibration turns into log-odds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

import lightgbm
import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.feature_selection import chi2

from train.contributions import Contributions, single_row
from train.descent import support_vectors
from train.settings import Settings
from train.stacking import NO_MARGIN, StackedEstimator

_TINY = 1e-9
_SMOOTH = 0.02
_SIDE_BY_SIDE = 2
"""Labels whose trees grow at the same time, each in one thread; several threads for one label were slower."""


class LinearEstimator(BaseEstimator):
    """Linear classifier with squared hinge loss (a support vector machine) for each label on its own.

    With far more columns than articles it ranks better than logistic regression; calibration makes probabilities of it.

    Parameters
    ----------
    C : float, default=1.0
        Inverse strength of the L2 penalty. Articles with and without a label weigh the same in sum.
    seed : int, default=0
        Of the order in which articles are visited.

    Attributes
    ----------
    weights_ : ndarray of float32, shape (n_features, n_labels)
        Weights; in this order a sparse row meets them without a copy of the whole.
    intercept_ : ndarray of float64, shape (n_labels,)
        Bias of each label.
    """

    def __init__(self, C: float = 1.0, seed: int = 0) -> None:
        self.C = C
        self.seed = seed

    def fit(self, X: sparse.csr_matrix, Y: NDArray[np.int8]) -> Self:
        """Fit to features X and a column of 0 and 1 for each label."""
        # Columns that never occur get no weight, and the rest lie close together.
        used = np.flatnonzero(np.bincount(X.indices, minlength=X.shape[1]))
        share = Y.mean(axis=0)
        varied = np.flatnonzero((share > 0) & (share < 1))
        losses = self.C * np.where(Y, 0.5 / np.maximum(share, _TINY), 0.5 / np.maximum(1 - share, _TINY))
        self.weights_ = np.zeros((X.shape[1], Y.shape[1]), np.float32)
        self.intercept_ = np.where(share > 0.5, NO_MARGIN, -NO_MARGIN)
        if len(varied):
            weights, bias = support_vectors(X[:, used], Y[:, varied], losses[:, varied], seed=self.seed)
            self.weights_[np.ix_(used, varied)] = weights
            self.intercept_[varied] = bias
        return self

    def decision_function(self, X: sparse.csr_matrix) -> NDArray[np.float64]:
        """Return the margins, shape (n_articles, n_labels)."""
        return np.asarray(X @ self.weights_, np.float64) + self.intercept_

    def contributions(self, X: sparse.csr_matrix) -> Contributions:
        """Say what each column adds to the margins of one article: its value times its weight."""
        row = single_row(X)
        return Contributions(self.intercept_.copy(), row.indices, row.data[:, None] * self.weights_[row.indices])


class TreesEstimator(BaseEstimator):
    """Gradient-boosted trees (LightGBM) for each label on the features that tell most about the labels.

    Parameters
    ----------
    n_selected : int, default=3000
        Features kept: those with the highest chi-squared statistic with any label.
    n_trees : int, default=120
        Trees a label.
    learning_rate : float, default=0.1
        Shrinkage.
    num_leaves : int, default=15
        Leaves a tree.
    seed : int, default=0
        Seed of the feature and row sampling.

    Attributes
    ----------
    selected_ : ndarray of int64, shape (n_selected,)
        Columns kept.
    boosters_ : list of str
        The model of each label in LightGBM's text format; empty where a label is constant.
    constants_ : ndarray of float64, shape (n_labels,)
        Margin of a constant label, else 0.
    """

    def __init__(
        self,
        n_selected: int = 3000,
        n_trees: int = 120,
        learning_rate: float = 0.1,
        num_leaves: int = 15,
        seed: int = 0,
    ) -> None:
        self.n_selected = n_selected
        self.n_trees = n_trees
        self.learning_rate = learning_rate
        self.num_leaves = num_leaves
        self.seed = seed

    def fit(self, X: sparse.csr_matrix, Y: NDArray[np.int8]) -> Self:
        """Fit to features X and a column of 0 and 1 for each label."""
        varied = [k for k in range(Y.shape[1]) if 0 < Y[:, k].sum() < len(Y)]
        statistic = np.zeros(X.shape[1])
        for k in varied:
            statistic = np.maximum(statistic, np.nan_to_num(chi2(X, Y[:, k])[0]))
        self.selected_ = np.sort(np.argsort(-statistic, kind="stable")[: self.n_selected])
        inner = self._select(X)
        self.constants_ = np.where(Y.mean(axis=0) > 0.5, NO_MARGIN, -NO_MARGIN)
        self.constants_[varied] = 0.0
        with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
            fitted = dict(zip(varied, pool.map(lambda k: self._fit_label(inner, Y[:, k]), varied), strict=True))
        self.boosters_ = [fitted.get(k, "") for k in range(Y.shape[1])]
        self._models: list[Any] | None = None
        return self

    def _fit_label(self, X: sparse.csr_matrix, y: NDArray[np.int8]) -> str:
        parameters = {
            "objective": "binary",
            "learning_rate": self.learning_rate,
            "num_leaves": self.num_leaves,
            "min_data_in_leaf": 10,
            "feature_fraction": 0.3,
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
            "lambda_l2": 1.0,
            "max_bin": 63,
            "scale_pos_weight": float((y == 0).sum() / y.sum()) ** 0.5,
            "num_threads": 1,
            "seed": self.seed,
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
        }
        data = lightgbm.Dataset(X, y.astype(np.float64), params=parameters)
        text: str = lightgbm.train(parameters, data, self.n_trees).model_to_string()
        return text

    def decision_function(self, X: sparse.csr_matrix) -> NDArray[np.float64]:
        """Return the margins, shape (n_articles, n_labels)."""
        inner = self._select(X)
        margins = np.tile(self.constants_, (X.shape[0], 1))
        for k, model in enumerate(self._load()):
            if model is not None:
                margins[:, k] = model.predict(inner, raw_score=True, num_threads=1)
        return margins

    def contributions(self, X: sparse.csr_matrix) -> Contributions:
        """Say what each column adds to the margins of one article, by TreeSHAP (Lundberg et al., 2018).

        A column that the article lacks adds something as well where the trees asked for it.
        """
        inner = self._select(single_row(X))
        base, weights = self.constants_.copy(), np.zeros((len(self.selected_), len(self.constants_)))
        for k, model in enumerate(self._load()):
            if model is not None:
                parts = model.predict(inner, pred_contrib=True, num_threads=1).toarray()[0]
                base[k], weights[:, k] = parts[-1], parts[:-1]
        asked = np.flatnonzero(weights.any(axis=1))
        return Contributions(base, self.selected_[asked], weights[asked])

    def _select(self, X: sparse.csr_matrix) -> sparse.csr_matrix:
        """Return the columns kept; unlike indexing, it does not take a table of all columns for a single row."""
        places = np.searchsorted(self.selected_, X.indices)
        kept = np.append(self.selected_, -1)[places] == X.indices
        ends = np.append(0, np.cumsum(kept))[X.indptr]
        inner = sparse.csr_matrix((X.shape[0], len(self.selected_)), dtype=np.float64)
        inner.data, inner.indices, inner.indptr = X.data[kept].astype(np.float64), places[kept], ends
        return inner

    def _load(self) -> list[Any]:
        if getattr(self, "_models", None) is None:
            self._models = [lightgbm.Booster(model_str=text) if text else None for text in self.boosters_]
        return self._models  # type: ignore[return-value]

    def __getstate__(self) -> dict[str, Any]:
        """Leave the loaded boosters out: their text says all."""
        return {name: value for name, value in self.__dict__.items() if name != "_models"}


def build_candidates(settings: Settings | None = None, *, seed: int = 0) -> dict[str, BaseEstimator]:
    """Return the estimators that compete, by name.

    Parameters
    ----------
    settings : Settings, optional
        By default the committed ones.
    seed : int, default=0
        Seed of what is random in them.

    Returns
    -------
    dict of str to estimator
        Not fitted yet; the last one stacks the others.
    """
    chosen = settings or Settings()
    members = {
        "linear": LinearEstimator(C=chosen.linear_C, seed=seed),
        # Where labels are noisy or words say little, as may be with labels of one's own, a strong penalty is better.
        "linear-smooth": LinearEstimator(C=chosen.linear_C * _SMOOTH, seed=seed),
        "lightgbm": TreesEstimator(
            n_selected=chosen.n_selected,
            n_trees=chosen.n_trees,
            learning_rate=chosen.learning_rate,
            num_leaves=chosen.num_leaves,
            seed=seed,
        ),
    }
    return {**members, "stacked": StackedEstimator(list(members.items()), C=chosen.stack_C, seed=seed)}
