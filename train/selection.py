"""Out-of-fold margins of the candidates, and what is chosen on them: calibration and thresholds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from features.ngrams import NgramVectorizer
from features.pipeline import ArticleFeatures, masked_vectorizer
from train.classifier import prepare
from train.dataset import Dataset
from train.stacking import StackedEstimator

BETA = {"precision": 0.5, "balance": 1.0, "recall": 2.0}
"""Weight of recall against precision in the choice of thresholds, by what is preferred."""
_PULL = 150
"""Positives that the common threshold weighs as much as, when a label's own threshold is shrunk towards it."""
_MIN_POSITIVES = 2
"""Fewer positives than this fit no slope; such a label keeps its margins as they are."""
_FLATTEST = 1e-3
"""Smallest slope of a calibration."""


class Decision(NamedTuple):
    """Calibration, shape (n_labels, 2), and thresholds, shape (n_labels,)."""

    calibration: NDArray[np.float64]
    thresholds: NDArray[np.float64]


def fold_numbers(dataset: Dataset, n_folds: int, seed: int) -> NDArray[np.int64]:
    """Assign articles to folds, near-duplicates to the same one.

    Parameters
    ----------
    dataset : Dataset
        Training articles.
    n_folds : int
        Folds.
    seed : int
        Of the shuffle.

    Returns
    -------
    ndarray of int64, shape (n_articles,)
        Stratified by the rarest label that an article carries.
    """
    frequency = dataset.Y.sum(axis=0)
    rarest = np.where(dataset.Y, frequency, len(dataset) + 1).argmin(axis=1)
    stratum = np.where(dataset.Y.any(axis=1), rarest, dataset.Y.shape[1])
    folds = np.zeros(len(dataset), np.int64)
    splitter = StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed)
    for number, (_, rows) in enumerate(splitter.split(stratum, stratum, dataset.groups)):
        folds[rows] = number
    return folds


def out_of_fold_margins(
    dataset: Dataset,
    candidates: Mapping[str, Any],
    features: ArticleFeatures,
    folds: NDArray[np.int64],
    progress: Callable[[str], None],
    lead_chars: int = 0,
) -> dict[str, NDArray[np.float64]]:
    """Return for each candidate the margins of articles that it was not fitted to.

    Parameters
    ----------
    dataset : Dataset
        Training articles.
    candidates : mapping of str to estimator
        Not fitted; the features are fitted anew for each fold, once for all of them. A stack's members are among them.
    features : ArticleFeatures
        Not fitted.
    folds : ndarray of int64, shape (n_articles,)
        From `fold_numbers`.
    progress : callable
        Called with a line of text as the work goes on.
    lead_chars : int, default=0
        Leads of so many characters are further training articles; see ``train.leads``.

    Returns
    -------
    dict of str to ndarray, shape (n_articles, n_labels)
        Margins.
    """
    stacks = {name: candidate for name, candidate in candidates.items() if isinstance(candidate, StackedEstimator)}
    margins = {name: np.zeros(dataset.Y.shape) for name in candidates}
    # Nobody reads the names of a fold's columns, and to collect them takes longer than to count n-grams.
    unnamed = clone(features).set_params(
        ngrams=clone(features.ngrams or NgramVectorizer()).set_params(max_names=0),
        masked_ngrams=clone(features.masked_ngrams or masked_vectorizer()).set_params(max_names=0),
    )
    n_folds = int(folds.max()) + 1
    for fold in range(n_folds):
        inside, outside = dataset.subset(folds != fold), dataset.subset(folds == fold)
        fitted, X, Y = prepare(unnamed, inside.documents, inside.Y, lead_chars)
        held_out = fitted.transform(outside.documents)
        for name, candidate in candidates.items():
            if name not in stacks:
                progress(f"fold {fold + 1} of {n_folds}: {name}")
                margins[name][folds == fold] = clone(candidate).fit(X, Y).decision_function(held_out)
    for name, stack in stacks.items():
        margins[name] = _stacked(stack, member_margins(stack, margins), dataset.Y, folds)
    return margins


def member_margins(
    stack: StackedEstimator, margins: Mapping[str, NDArray[np.float64]]
) -> tuple[NDArray[np.float64], ...]:
    """Return the margins of a stack's members, in their order, from those of all candidates."""
    return tuple(margins[name] for name, _ in stack.members)


def _stacked(
    stack: StackedEstimator, members: Sequence[NDArray[np.float64]], Y: NDArray[np.int8], folds: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return margins of the stack, each fold's mixed as the other folds' out-of-fold margins want it."""
    mixed = np.zeros(Y.shape)
    for fold in np.unique(folds):
        rows = folds == fold
        mixture = clone(stack).fit_mixture([own[~rows] for own in members], Y[~rows])
        mixed[rows] = mixture.mixed([own[rows] for own in members])
    return mixed


def choose(
    margins: NDArray[np.float64],
    Y: NDArray[np.int8],
    frequencies: Sequence[float | None] | None = None,
    beta: float = 1.0,
) -> Decision:
    """Choose calibration and thresholds on out-of-fold margins.

    Parameters
    ----------
    margins : ndarray of float, shape (n_articles, n_labels)
        Out-of-fold.
    Y : ndarray of 0 and 1, same shape
        What is true.
    frequencies : sequence of float or None, optional
        Share of articles that carry each label where the model is used; None for as many as in `Y`.
    beta : float, default=1.0
        Recall counts so many times as much as precision (van Rijsbergen, 1979); see ``BETA``.

    Returns
    -------
    Decision
        Platt's logistic calibration; thresholds of the highest F-measure, shrunk towards their common one where
        a label is rare. Articles weigh as much as makes each label as frequent as it is in use (Saerens et al., 2002).
    """
    weights = label_weights(Y, frequencies)
    columns = range(Y.shape[1])
    calibration = np.array([_platt(margins[:, k], Y[:, k], weights[:, k]) for k in columns])
    probabilities = expit(margins * calibration[:, 0] + calibration[:, 1])
    common = _best_threshold(probabilities.ravel(), Y.ravel(), weights.ravel(), beta)
    own = np.array(
        [
            _best_threshold(probabilities[:, k], Y[:, k], weights[:, k], beta) if Y[:, k].any() else common
            for k in columns
        ]
    )
    positives = Y.sum(axis=0)
    return Decision(calibration, (positives * own + _PULL * common) / (positives + _PULL))


def label_weights(Y: NDArray[np.int8], frequencies: Sequence[float | None] | None) -> NDArray[np.float64]:
    """Return for each article and label the weight that makes the label as frequent as it is in use.

    Parameters
    ----------
    Y : ndarray of 0 and 1, shape (n_articles, n_labels)
        What is true.
    frequencies : sequence of float or None, optional
        As for `choose`.

    Returns
    -------
    ndarray of float, shape (n_articles, n_labels)
        1 where nothing is to be corrected.
    """
    weights = np.ones(Y.shape)
    for k, frequency in enumerate(frequencies or ()):
        share = Y[:, k].mean()
        if frequency is not None and 0 < share < 1:
            weights[:, k] = np.where(Y[:, k], frequency / share, (1 - frequency) / (1 - share))
    return weights


def cross_validated(
    margins: NDArray[np.float64],
    Y: NDArray[np.int8],
    folds: NDArray[np.int64],
    frequencies: Sequence[float | None] | None = None,
    beta: float = 1.0,
) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    """Return probabilities and assigned labels, each fold's with what was chosen on the other folds.

    Parameters
    ----------
    margins, Y, folds, frequencies, beta
        As above.

    Returns
    -------
    probabilities, assigned : ndarray, shape (n_articles, n_labels)
        Nothing of an article's own fold has gone into either.
    """
    probabilities, assigned = np.zeros(Y.shape), np.zeros(Y.shape, np.int8)
    for fold in np.unique(folds):
        rows = folds == fold
        decision = choose(margins[~rows], Y[~rows], frequencies, beta)
        probabilities[rows] = expit(margins[rows] * decision.calibration[:, 0] + decision.calibration[:, 1])
        assigned[rows] = probabilities[rows] >= decision.thresholds
    return probabilities, assigned


def _platt(margins: NDArray[np.float64], y: NDArray[np.int8], weights: NDArray[np.float64]) -> tuple[float, float]:
    if not _MIN_POSITIVES <= y.sum() <= len(y) - _MIN_POSITIVES:
        return 1.0, 0.0
    # A weak penalty only bounds the slope where the classes are separable.
    model = LogisticRegression(C=100.0).fit(margins[:, None], y, weights)
    slope, intercept = float(model.coef_[0, 0]), float(model.intercept_[0])
    if slope > _FLATTEST:
        return slope, intercept
    # A negative slope would turn the ranking round; noise in few examples can ask for it.
    return _FLATTEST, float(logit(np.average(y, weights=weights))) - _FLATTEST * float(margins.mean())


def _best_threshold(
    probabilities: NDArray[np.float64], y: NDArray[np.int8], weights: NDArray[np.float64], beta: float
) -> float:
    """Return the threshold of the highest F-measure, midway to the next lower probability."""
    order = np.argsort(-probabilities, kind="stable")
    ranked = probabilities[order]
    hits = np.cumsum((y * weights)[order])
    measure = (1 + beta**2) * hits / (np.cumsum(weights[order]) + beta**2 * hits[-1])
    last_of_ties = np.append(ranked[:-1] > ranked[1:], True)
    best = int(np.argmax(np.where(last_of_ties, measure, -1)))
    following = ranked[best + 1] if best + 1 < len(ranked) else 0.0
    return float((ranked[best] + following) / 2)
