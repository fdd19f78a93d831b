"""The parts joined: articles become one matrix whose columns have readable names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.utils.validation import check_is_fitted

from features import FEATURES_VERSION
from features.article import Document, as_documents
from features.csr import Block, CsrBuilder
from features.entities import EntityMatcher, Mentions
from features.entity_features import EntityFeatures, Reading
from features.events import lexicon_source, load_lexicon
from features.masking import mask_edits, masked
from features.ngrams import NgramVectorizer

_BATCH = 500
"""Articles whose parts are held at once."""
_PIECE = 64
"""Articles whose n-grams are held apart before they are put beside the other columns, still in the cache."""
_ROOM = 2**12
"""Cells of a block to begin with."""


class Features(NamedTuple):
    """Features of articles, and the entities that were found on the way.

    Attributes
    ----------
    matrix : csr_matrix of float32, shape (n_articles, n_columns)
        N-grams, masked n-grams, entities.
    mentions : Mentions
        Spans of the documents' texts.
    """

    matrix: sparse.csr_matrix
    mentions: Mentions


class ArticleFeatures(TransformerMixin, BaseEstimator):
    """Turn articles into features: n-grams, n-grams in which entities are replaced by their type, entities and events.

    Parameters
    ----------
    ngrams : NgramVectorizer or None, default=None
        The n-gram part; by default word 1-2-grams and character 3-5-grams.
    masked_ngrams : NgramVectorizer or None, default=None
        N-grams of the masked text (``COUNTRY membeli WEAPON``); by default word 2-3-grams.
    matcher : EntityMatcher or None, default=None
        Finds entities; by default with the package's gazetteer.
    max_chars : int, default=1100
        N-grams are taken from so many characters at the start of an article: news tells first what is new, and
        background follows.
    masked_weight, entity_weight : float, default=0.3 and 0.036
        Factors of the masked n-grams and of the entity features, against 1 for the n-grams.

    Attributes
    ----------
    ngrams_, masked_ngrams_, matcher_, entity_features_ : estimators
        The fitted parts.
    lexicon_ : str
        The event words as they were at `fit`.
    features_version_ : int
        ``features.FEATURES_VERSION`` at `fit`.
    """

    def __init__(
        self,
        *,
        ngrams: NgramVectorizer | None = None,
        masked_ngrams: NgramVectorizer | None = None,
        matcher: EntityMatcher | None = None,
        max_chars: int = 1100,
        masked_weight: float = 0.3,
        entity_weight: float = 0.036,
    ) -> None:
        self.ngrams = ngrams
        self.masked_ngrams = masked_ngrams
        self.matcher = matcher
        self.max_chars = max_chars
        self.masked_weight = masked_weight
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
        self.lexicon_ = lexicon_source()
        self.matcher_ = (clone(self.matcher) if self.matcher is not None else EntityMatcher()).fit()
        texts = self._texts(documents)
        self.ngrams_ = clone(self.ngrams if self.ngrams is not None else NgramVectorizer()).fit(texts)
        mentions = self._mentions(documents)
        pattern = self.masked_ngrams if self.masked_ngrams is not None else masked_vectorizer()
        self.masked_ngrams_ = clone(pattern).fit(masked(texts, mask_edits(mentions, self.max_chars)))
        self.entity_features_ = EntityFeatures(load_lexicon(self.lexicon_).events).fit(self._read(documents, mentions))
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
            N-grams first, then masked n-grams, then entities and events.
        """
        check_is_fitted(self, "ngrams_")
        articles = X if hasattr(X, "__getitem__") and not hasattr(X, "to_dict") else as_documents(X)
        built, scratch = CsrBuilder(len(articles), self._n_columns, 1), self._scratch()
        for start in range(0, len(articles), _BATCH):
            documents = as_documents(articles[start : start + _BATCH])
            self._append(built, documents, self._mentions(documents), scratch)
        return built.matrix()

    def compute(self, documents: Sequence[Document]) -> Features:
        """Return the features of documents together with their entities, which are thus found only once."""
        check_is_fitted(self, "ngrams_")
        mentions = self._mentions(documents)
        built = CsrBuilder(len(documents), self._n_columns, 1)
        if documents:
            self._append(built, documents, mentions, self._scratch())
        return Features(built.matrix(), mentions)

    @property
    def _weights(self) -> tuple[float, float, float]:
        return 1.0, self.masked_weight, self.entity_weight

    @property
    def _n_columns(self) -> int:
        return sum(part.n_columns for part in (self.ngrams_, self.masked_ngrams_, self.entity_features_))

    def _scratch(self) -> tuple[CsrBuilder, CsrBuilder]:
        """Return memory for the n-gram blocks of one batch after the other."""
        return CsrBuilder(0, self.ngrams_.n_columns, _ROOM), CsrBuilder(0, self.masked_ngrams_.n_columns, _ROOM)

    def _append(
        self, built: CsrBuilder, documents: Sequence[Document], mentions: Mentions, scratch: tuple[CsrBuilder, ...]
    ) -> None:
        texts = self._texts(documents)
        hidden = masked(texts, mask_edits(mentions, self.max_chars))
        entities = self.entity_features_.transform(self._read(documents, mentions))
        for start in range(0, len(documents), _PIECE):
            piece = slice(start, min(start + _PIECE, len(documents)))
            blocks = [
                self.ngrams_.transform_into(scratch[0], texts[piece]),
                self.masked_ngrams_.transform_into(scratch[1], hidden[piece]),
                Block.of(entities, piece.start, piece.stop),
            ]
            built.append(blocks, self._weights)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return a name for every column.

        Parameters
        ----------
        input_features : None
            Ignored.

        Returns
        -------
        ndarray of str, shape (n_columns,)
            Such as ``word:kirim rudal``, ``masked:COUNTRY beli WEAPON``, ``entity:weapon.missile``,
            ``event:transfer+weapon``.
        """
        masked_names = [name.replace("word:", "masked:", 1) for name in self.masked_ngrams_.get_feature_names_out()]
        return np.concatenate(
            [
                self.ngrams_.get_feature_names_out(),
                np.array(masked_names, object),
                self.entity_features_.get_feature_names_out(),
            ]
        )

    def _mentions(self, documents: Sequence[Document]) -> Mentions:
        return self.matcher_.mentions([document.text for document in documents])

    def _read(self, documents: Sequence[Document], mentions: Mentions) -> Reading:
        cues = load_lexicon(self.lexicon_).find([document.text for document in documents])
        lead_ends = np.array([document.lead_end for document in documents], np.int64)
        return Reading(mentions, cues, lead_ends)

    def _texts(self, documents: Sequence[Document]) -> list[str]:
        return [document.text[: self.max_chars] for document in documents]


def masked_vectorizer() -> NgramVectorizer:
    """Return the default vectoriser of masked texts, not fitted."""
    return NgramVectorizer(word_ngrams=(2, 3), char_ngrams=None, n_features=2**17, max_names=50_000)


def build_features() -> ArticleFeatures:
    """Return the features that the candidates share, not fitted yet."""
    return ArticleFeatures()
