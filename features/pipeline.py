"""The parts joined: articles become one matrix whose columns have readable names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.utils.validation import check_is_fitted

from features import FEATURES_VERSION
from features.article import Document, as_documents
from features.entities import Entity, EntityFeatures, EntityMatcher
from features.ngrams import NgramVectorizer


class ArticleFeatures(TransformerMixin, BaseEstimator):
    """Turn articles into features: n-grams and entities.

    Parameters
    ----------
    ngrams : NgramVectorizer or None, default=None
        The n-gram part; by default word 1-2-grams and character 3-5-grams.
    matcher : EntityMatcher or None, default=None
        Finds entities; by default with the package's gazetteer.
    max_chars : int, default=2000
        N-grams are taken from so many characters at the start of an article: news tells first what is new, and
        background follows.
    entity_weight : float, default=0.1
        Factor of the entity features, which are larger than those of n-grams scaled to length 1.

    Attributes
    ----------
    ngrams_, matcher_, entity_features_ : estimators
        The fitted parts.
    features_version_ : int
        ``features.FEATURES_VERSION`` at `fit`.
    """

    def __init__(
        self,
        ngrams: NgramVectorizer | None = None,
        matcher: EntityMatcher | None = None,
        max_chars: int = 2000,
        entity_weight: float = 0.1,
    ) -> None:
        self.ngrams = ngrams
        self.matcher = matcher
        self.max_chars = max_chars
        self.entity_weight = entity_weight

    def fit(self, X: Any, y: Any = None) -> Self:
        """Fit every part.

        Parameters
        ----------
        X : iterable of Article, mapping, str or Document; or data frame
            Training articles.
        y : None
            Ignored.

        Returns
        -------
        ArticleFeatures
            Itself.
        """
        documents = as_documents(X)
        self.features_version_ = FEATURES_VERSION
        self.matcher_ = (clone(self.matcher) if self.matcher is not None else EntityMatcher()).fit()
        self.ngrams_ = (clone(self.ngrams) if self.ngrams is not None else NgramVectorizer()).fit(
            self._texts(documents)
        )
        self.entity_features_ = EntityFeatures().fit(self.find_entities(documents))
        return self

    def transform(self, X: Any) -> sparse.csr_matrix:
        """Return the features of each article.

        Parameters
        ----------
        X : iterable of Article, mapping, str or Document; or data frame
            The articles.

        Returns
        -------
        csr_matrix of float32, shape (n_articles, n_columns)
            N-grams first, then entities.
        """
        check_is_fitted(self, "ngrams_")
        documents = as_documents(X)
        return self.combine(documents, self.find_entities(documents))

    def combine(self, documents: Sequence[Document], entities: Sequence[Sequence[Entity]]) -> sparse.csr_matrix:
        """Return the features of documents whose entities are known already."""
        ngrams = self.ngrams_.transform(self._texts(documents))
        return sparse.hstack(
            [ngrams, self.entity_weight * self.entity_features_.transform(entities)], "csr", np.float32
        )

    def find_entities(self, documents: Sequence[Document]) -> list[list[Entity]]:
        """Return the entities of each document, as spans of its text."""
        return self.matcher_.find_all([document.text for document in documents])

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return a name for every column, such as ``word:kirim rudal`` or ``entity:weapon.missile``.

        Parameters
        ----------
        input_features : None
            Ignored.

        Returns
        -------
        ndarray of str, shape (n_columns,)
            Names in the order of the columns.
        """
        return np.concatenate([self.ngrams_.get_feature_names_out(), self.entity_features_.get_feature_names_out()])

    def _texts(self, documents: Sequence[Document]) -> list[str]:
        return [document.text[: self.max_chars] for document in documents]


def build_features() -> ArticleFeatures:
    """Return the features that the candidates share, not fitted yet."""
    return ArticleFeatures()
