"""The classifier: one decision function for cross-validation, evaluation, the service and bulk labelling."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils.validation import check_is_fitted

from features.article import Document, FoundEntity, as_documents, locate
from features.language import SUPPORTED
from features.pipeline import ArticleFeatures, build_features
from train.leads import with_leads


@dataclass(frozen=True, slots=True)
class Result:
    """What the classifier says of one article.

    Attributes
    ----------
    id : str
        That of the article, else a hash of its text.
    language : str
        ``id``, ``en`` or ``und``.
    labels : list of str
        Assigned labels, the most probable first.
    primary : str or None
        The first of them.
    scores : dict of str to float
        Calibrated probability of every label.
    entities : list of FoundEntity
        Entities, located in the article as it was sent.
    warnings : list of dict
        ``code`` and ``message`` of what makes the result doubtful.
    """

    id: str
    language: str
    labels: list[str]
    primary: str | None
    scores: dict[str, float]
    entities: list[FoundEntity]
    warnings: list[dict[str, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the result as the service's contract has it, without the model."""
        return {
            "id": self.id,
            "language": self.language,
            "labels": self.labels,
            "primary": self.primary,
            "scores": self.scores,
            "entities": [
                {
                    "text": found.text,
                    "type": found.entity.type,
                    "class": found.entity.entity_class,
                    "name": found.entity.name,
                    "field": found.span.field,
                    "start": found.span.start,
                    "end": found.span.end,
                }
                for found in self.entities
            ],
            "warnings": self.warnings,
        }


class Prepared(NamedTuple):
    """Fitted features and what they make of the training articles and their leads.

    Attributes
    ----------
    features : ArticleFeatures
        Fitted.
    X : csr_matrix, shape (n, n_columns)
        The articles, and behind them the leads.
    Y : ndarray of 0 and 1, shape (n, n_labels)
        What is true of them.
    """

    features: ArticleFeatures
    X: sparse.csr_matrix
    Y: NDArray[np.int8]


def prepare(features: ArticleFeatures, documents: Sequence[Document], Y: NDArray[np.int8], lead_chars: int) -> Prepared:
    """Fit features to articles and compute those of the articles and their leads (``train.leads``)."""
    fitted = clone(features).fit(documents)
    learned, targets = with_leads(documents, Y, lead_chars)
    return Prepared(fitted, fitted.transform(learned), targets)


class ArticleClassifier(ClassifierMixin, BaseEstimator):
    """Multi-label classifier of articles: features, estimator, calibration and thresholds in one object.

    Parameters
    ----------
    estimator : estimator
        Has ``fit(X, Y)`` and ``decision_function(X)`` with one margin a label; see ``train.candidates``.
    labels : sequence of str
        Names of the columns of ``Y``.
    features : ArticleFeatures or None, default=None
        By default those of ``features.pipeline.build_features``.
    lead_chars : int, default=0
        Leads of so many characters are further training articles; see ``train.leads``.

    Attributes
    ----------
    classes_ : ndarray of str, shape (n_labels,)
        The labels.
    features_, estimator_ : estimators
        Fitted.
    calibration_ : ndarray of float64, shape (n_labels, 2)
        Slope and intercept of each label: its probability is the logistic function of slope * margin + intercept
        (Platt, 1999).
    thresholds_ : ndarray of float64, shape (n_labels,)
        A label is assigned from this probability on.
    label_info_ : dict of str to dict
        What is known of each label besides its name: ``title`` by language, ``definition``, ``boundary``.
    """

    def __init__(
        self, estimator: Any, labels: Sequence[str], features: ArticleFeatures | None = None, lead_chars: int = 0
    ) -> None:
        self.estimator = estimator
        self.labels = labels
        self.features = features
        self.lead_chars = lead_chars

    def fit(self, X: Any, Y: NDArray[np.int8], **options: Any) -> Self:
        """Fit features and estimator; calibration is the identity and every threshold 0.5 until `calibrate`.

        Parameters
        ----------
        X : iterable of Article, mapping, str or Document; or data frame
            Training articles.
        Y : ndarray of 0 and 1, shape (n_articles, n_labels)
            Whether an article carries a label.
        **options
            Handed to the estimator's ``fit``.

        Returns
        -------
        ArticleClassifier
            Itself.

        Raises
        ------
        ValueError
            If Y does not fit to X and the labels.
        """
        documents = as_documents(X)
        Y = np.asarray(Y)
        if Y.shape != (len(documents), len(self.labels)):
            raise ValueError(
                f"Y has shape {Y.shape}, expected ({len(documents)}, {len(self.labels)}): "
                "one row an article, one column a label"
            )
        features = self.features if self.features is not None else build_features()
        return self.fit_prepared(prepare(features, documents, Y, self.lead_chars), **options)

    def fit_prepared(self, prepared: Prepared, **options: Any) -> Self:
        """Fit the estimator alone, to features that were computed once for several; see `fit`.

        Parameters
        ----------
        prepared : Prepared
            From `prepare`, with the parameters `features` and `lead_chars` of this classifier.
        **options
            Handed to the estimator's ``fit``.

        Returns
        -------
        ArticleClassifier
            Itself.
        """
        self.classes_ = np.array(self.labels)
        self.features_ = prepared.features
        self.estimator_ = clone(self.estimator).fit(prepared.X, prepared.Y, **options)
        self.label_info_: dict[str, dict[str, Any]] = {}
        self.calibrate(np.tile([1.0, 0.0], (len(self.labels), 1)), np.full(len(self.labels), 0.5))
        return self

    def calibrate(self, calibration: NDArray[np.float64], thresholds: NDArray[np.float64]) -> Self:
        """Set calibration and thresholds, which ``train.selection`` chooses on out-of-fold margins."""
        self.calibration_ = np.asarray(calibration, np.float64)
        self.thresholds_ = np.asarray(thresholds, np.float64)
        return self

    def describe(self, info: Mapping[str, Mapping[str, Any]]) -> Self:
        """Keep titles and definitions of the labels with the model, for whoever asks what a label means.

        Parameters
        ----------
        info : mapping of str to mapping
            By label name, as in `label_info_`.

        Returns
        -------
        ArticleClassifier
            Itself.

        Raises
        ------
        ValueError
            If a name is no label of this classifier.
        """
        unknown = sorted(set(info) - set(self.classes_.tolist()))
        if unknown:
            raise ValueError(
                f"unknown label {', '.join(unknown)}; expected some of {', '.join(self.classes_.tolist())}"
            )
        self.label_info_ = {name: dict(row) for name, row in info.items()}
        return self

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Return the margins, of which calibration makes log-odds, shape (n_articles, n_labels)."""
        check_is_fitted(self, "thresholds_")
        return self.estimator_.decision_function(self.features_.transform(as_documents(X)))  # type: ignore[no-any-return]

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the calibrated probabilities, shape (n_articles, n_labels)."""
        return self.probabilities(self.decision_function(X))

    def predict(self, X: Any) -> NDArray[np.int8]:
        """Return which labels are assigned, 0 or 1, shape (n_articles, n_labels)."""
        return self.decide(self.predict_proba(X))

    def probabilities(self, margins: NDArray[np.float64]) -> NDArray[np.float64]:
        """Calibrate margins of shape (n_articles, n_labels)."""
        return expit(margins * self.calibration_[:, 0] + self.calibration_[:, 1])  # type: ignore[no-any-return]

    def decide(self, probabilities: NDArray[np.float64]) -> NDArray[np.int8]:
        """Compare calibrated probabilities with the thresholds; the one place where labels are decided."""
        return (probabilities >= self.thresholds_).astype(np.int8)

    def classify(self, X: Any) -> list[Result]:
        """Label articles.

        Parameters
        ----------
        X : iterable of Article, mapping, str or Document; or data frame
            The articles.

        Returns
        -------
        list of Result
            In the same order.

        Raises
        ------
        ValueError
            If nothing of an article's text is left after cleaning; the message says which.
        """
        check_is_fitted(self, "thresholds_")
        documents = as_documents(X)
        for place, document in enumerate(documents):
            if document.is_empty:
                raise ValueError(
                    f"article {place}: no letter or digit is left of its text after cleaning; send the article's body"
                )
        features = self.features_.compute(documents)
        entities = features.mentions.as_entities()
        probabilities = self.probabilities(self.estimator_.decision_function(features.matrix))
        assigned = self.decide(probabilities)
        return [
            self._result(document, locate(document, found), row, chosen)
            for document, found, row, chosen in zip(documents, entities, probabilities, assigned, strict=True)
        ]

    def _result(
        self, document: Document, entities: list[FoundEntity], row: NDArray[np.float64], chosen: NDArray[np.int8]
    ) -> Result:
        names = self.classes_.tolist()
        labels = [names[k] for k in np.argsort(-row, kind="stable") if chosen[k]]
        scores = {name: round(float(value), 6) for name, value in zip(names, row, strict=True)}
        identity = (
            document.article.id
            or hashlib.sha256(document.article.text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        )
        return Result(
            identity, document.language, labels, labels[0] if labels else None, scores, entities, _warnings(document)
        )


def _warnings(document: Document) -> list[dict[str, str]]:
    if document.language in SUPPORTED:
        return []
    known = " or ".join(SUPPORTED)
    message = (
        f"the language was taken to be {document.language!r}; "
        f"the model learned from articles in {known}, so labels may be wrong"
    )
    return [{"code": "unsupported_language", "message": message}]
