"""Word and character n-grams by hashing, as a scikit-learn transformer whose columns have readable names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from features.characters import character_tables, fold
from features.csr import Block, CsrBuilder
from features.ngram_kernel import count_ngrams
from features.packing import batches, pack
from features.trace_kernel import trace_ngrams
from features.workspace import workspace

_SUBLINEAR = np.concatenate([[0], 1 + np.log(np.arange(1, 256))]).astype(np.float32)
"""Weights of small counts under `sublinear_tf`."""
_BATCH = 250_000
"""Code points handed to the compiled loops at once, so that they find them in the cache."""


class Trace(NamedTuple):
    """Every n-gram of one text.

    Attributes
    ----------
    columns, starts, ends : ndarray of int64, shape (n_occurrences,)
        Column in the matrix, and span in the text in code points.
    """

    columns: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


class NgramVectorizer(TransformerMixin, BaseEstimator):
    """Hash word and character n-grams into a sparse matrix.

    A word is a run of letters, digits and marks of any script; hyphens and apostrophes between two of them belong to it
    (``kapal-kapal``, ``TNI-AL``). Case is folded. Character n-grams are taken inside words padded with a space
    (``char_wb`` in scikit-learn).

    Parameters
    ----------
    word_ngrams : tuple of int or None, default=(1, 2)
        Smallest and largest n of word n-grams.
    char_ngrams : tuple of int or None, default=(3, 5)
        Smallest and largest n of character n-grams.
    n_features : int, default=2**18
        Buckets for each of the two kinds, a power of two of at least 64.
    sublinear_tf : bool, default=True
        Count an n-gram that occurs c times as 1 + ln c.
    use_idf : bool, default=True
        Multiply by the smoothed inverse document frequency, ``1 + ln((1 + n) / (1 + df))``.
    norm : {"l2", None}, default="l2"
        Scale the words and the characters of each row to Euclidean length 1.
    max_names : int, default=200_000
        How many columns, the most frequent ones, keep the n-gram that `fit` met in them first; the rest are named by
        number.

    Attributes
    ----------
    idf_ : ndarray of float32, shape (n_columns,)
        Inverse document frequencies; empty without `use_idf`.
    named_columns_ : ndarray of int32, shape (n_named,)
        Columns whose n-gram is remembered.
    joined_names_ : str
        Their names, such as ``word:kirim rudal``, one a line.

    Examples
    --------
    >>> vectorizer = NgramVectorizer(char_ngrams=None).fit(["Rusia kirim rudal", "rudal dikirim"])
    >>> matrix = vectorizer.transform(["kapal-kapal kirim rudal"])
    >>> matrix.shape, matrix.nnz
    ((1, 262144), 5)
    >>> [str(vectorizer.get_feature_names_out()[column]) for column in matrix.indices if column in vectorizer.names_]
    ['word:kirim rudal', 'word:kirim', 'word:rudal']
    """

    def __init__(
        self,
        *,
        word_ngrams: tuple[int, int] | None = (1, 2),
        char_ngrams: tuple[int, int] | None = (3, 5),
        n_features: int = 2**18,
        sublinear_tf: bool = True,
        use_idf: bool = True,
        norm: str | None = "l2",
        max_names: int = 200_000,
    ) -> None:
        self.word_ngrams = word_ngrams
        self.char_ngrams = char_ngrams
        self.n_features = n_features
        self.sublinear_tf = sublinear_tf
        self.use_idf = use_idf
        self.norm = norm
        self.max_names = max_names

    def fit(self, texts: Sequence[str], y: Any = None) -> Self:
        """Learn document frequencies and names.

        Parameters
        ----------
        texts : sequence of str
            Training texts.
        y : None
            Ignored.

        Returns
        -------
        NgramVectorizer
            Itself.

        Raises
        ------
        ValueError
            If a parameter is out of range.
        """
        self._check()
        frequency = np.zeros(self.n_columns, np.int64)
        n_texts = 0
        counts = self._matrix(texts, np.empty(0, np.float32), weigh=False)
        n_texts = counts.shape[0]
        np.add.at(frequency, counts.indices, 1)
        self.idf_ = (
            (1 + np.log((1 + n_texts) / (1 + frequency))).astype(np.float32)
            if self.use_idf
            else np.empty(0, np.float32)
        )
        names = self._collect_names(texts, frequency)
        # Two flat values instead of a dict of 200,000 items, which takes seconds to save and to load.
        self.named_columns_ = np.array(list(names), np.int32)
        self.joined_names_ = "\n".join(names.values())
        return self

    def transform(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Return the n-gram weights of each text.

        Parameters
        ----------
        texts : sequence of str
            Any strings; lone surrogates are read as U+FFFD.

        Returns
        -------
        csr_matrix of float32, shape (n_texts, n_columns)
            Columns of a row in order, none twice.
        """
        check_is_fitted(self, "idf_")
        return self._matrix(texts, self.idf_, weigh=True)

    def trace(self, text: str) -> Trace:
        """Return every n-gram of `text` with its column and where it stands.

        Parameters
        ----------
        text : str
            Any string.

        Returns
        -------
        Trace
            One entry an occurrence; the spaces that pad a word count as no character.
        """
        packed = pack([text])
        block = self.n_features if self.word_ngrams is not None else 0
        return Trace(
            *trace_ngrams(packed.data, packed.starts, tuple(character_tables()), *self._ranges, self._shift, block)
        )

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return a name for every column.

        Parameters
        ----------
        input_features : None
            Ignored.

        Returns
        -------
        ndarray of str, shape (n_columns,)
            The n-gram that `fit` met first in the column, such as ``word:kirim rudal`` or ``char:rud``, else its
            number.
        """
        check_is_fitted(self, "idf_")
        names = np.array([f"{self._kind(column)}:#{column}" for column in range(self.n_columns)], object)
        for column, name in self.names_.items():
            names[column] = name
        return names

    @property
    def names_(self) -> dict[int, str]:
        """First n-gram of each remembered column, such as ``word:kirim rudal``."""
        return (
            dict(zip(self.named_columns_.tolist(), self.joined_names_.split("\n"), strict=True))
            if self.joined_names_
            else {}
        )

    @property
    def _ranges(self) -> tuple[tuple[int, int], tuple[int, int]]:
        return tuple(self.word_ngrams or (0, 0)), tuple(self.char_ngrams or (0, 0))  # type: ignore[return-value]

    @property
    def _shift(self) -> np.uint64:
        return np.uint64(65 - self.n_features.bit_length())

    @property
    def n_columns(self) -> int:
        """Columns of the matrix: a block of `n_features` for each kind of n-gram."""
        return self.n_features * ((self.word_ngrams is not None) + (self.char_ngrams is not None))

    def _most(self, length: int) -> int:
        """Return how many n-grams of one kind a text of so many characters has at most."""
        (_, most_words), (low, high) = self._ranges
        return 2 * (length + 1) * max(most_words, high - low + 1)

    def _kind(self, column: int) -> str:
        return "word" if self.word_ngrams is not None and column < self.n_features else "char"

    def _check(self) -> None:
        n = self.n_features
        if n < 64 or n & (n - 1):
            raise ValueError(f"n_features = {n!r}, expected a power of two of at least 64")
        if self.norm not in ("l2", None):
            raise ValueError(f"norm = {self.norm!r}, expected 'l2' or None")
        if self.word_ngrams is None and self.char_ngrams is None:
            raise ValueError("word_ngrams and char_ngrams are both None, expected at least one range")
        for name in ("word_ngrams", "char_ngrams"):
            bounds = getattr(self, name)
            if bounds is not None and not 1 <= bounds[0] <= bounds[1]:
                raise ValueError(f"{name} = {bounds!r}, expected (low, high) with 1 <= low <= high")

    def _matrix(self, texts: Sequence[str], idf: NDArray[np.float32], *, weigh: bool) -> sparse.csr_matrix:
        built = CsrBuilder(len(texts), self.n_columns, 4096 + 4 * min(sum(map(len, texts)), _BATCH))
        self._append(built, texts, idf, weigh=weigh)
        return built.matrix()

    def transform_into(self, built: CsrBuilder, texts: Sequence[str]) -> Block:
        """Return the cells of `transform`, in memory that is used again: what it returned before is overwritten."""
        check_is_fitted(self, "idf_")
        built.reset(len(texts))
        self._append(built, texts, self.idf_, weigh=True)
        return built.block()

    def _append(self, built: CsrBuilder, texts: Sequence[str], idf: NDArray[np.float32], *, weigh: bool) -> None:
        weights = (
            _SUBLINEAR if weigh and self.sublinear_tf else _SUBLINEAR[:0],
            idf,
            weigh and self.norm == "l2",
        )
        total = sum(map(len, texts))
        done = characters = 0
        for batch in batches(texts, _BATCH):
            packed, row = pack(batch), 0
            space = workspace(self.n_features, self._ranges[1], self._most(max(map(len, batch))))
            while row < len(batch):
                row, built.used = count_ngrams(
                    *packed, row, tuple(character_tables()), *self._ranges, self._shift, weights, *space,
                    built.columns, built.values, built.indptr[done:], built.used,
                )  # fmt: skip
                if row < len(batch):
                    counted = characters + sum(map(len, batch[:row]))
                    built.grow(max(built.used, len(built.columns)) + 4 * len(batch[row]), counted / total)
            done, characters = done + len(batch), characters + sum(map(len, batch))

    def _collect_names(self, texts: Sequence[str], frequency: NDArray[np.int64]) -> dict[int, str]:
        """Name the most frequent columns, each by the n-gram that stands in it first."""
        named = np.argsort(-frequency, kind="stable")[: self.max_names]
        unnamed = np.zeros(self.n_columns, bool)
        unnamed[named[frequency[named] > 0]] = True
        names: dict[int, str] = {}
        for text in texts if self.max_names else ():
            trace = self.trace(text)
            new, first = np.unique(trace.columns[unnamed[trace.columns]], return_index=True)
            unnamed[new] = False
            folded = text.translate(_FOLDS)
            places = np.flatnonzero(np.isin(trace.columns, new, kind="table"))[first] if len(new) else first
            spans = zip(new.tolist(), trace.starts[places].tolist(), trace.ends[places].tolist(), strict=True)
            names |= {column: f"{self._kind(column)}:{_one_line(folded[start:end])}" for column, start, end in spans}
        return dict(sorted(names.items()))


class _Folds(dict[int, str]):
    """Table for ``str.translate`` that fills itself: lower case as the tokeniser has it, one character for one."""

    def __missing__(self, point: int) -> str:
        self[point] = fold(chr(point))
        return self[point]


_FOLDS = _Folds()


def _one_line(ngram: str) -> str:
    return " ".join(ngram.split())
