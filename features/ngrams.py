"""Word and character n-grams by hashing, as a scikit-learn transformer whose columns have readable names."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from features.characters import character_tables, fold
from features.kernels import count_ngrams
from features.trace_kernel import trace_ngrams

_BATCH = 500_000
"""Code points handed to the compiled loops at once; bounds their memory to about 15 MB."""


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
        frequency = np.zeros(self._n_columns, np.int64)
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
        tables = character_tables()
        return Trace(*trace_ngrams(_packed(text), len(text), *tables, *self._ranges, self.n_features))

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
        names = np.array([f"{self._kind(column)}:#{column}" for column in range(self._n_columns)], object)
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
    def _n_columns(self) -> int:
        return self.n_features * ((self.word_ngrams is not None) + (self.char_ngrams is not None))

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
        memo = _memo(self.n_features, self._ranges[1])
        rows = _Rows(len(texts), sum(map(len, texts)))
        for batch in _batches(texts):
            lengths = np.fromiter(map(len, batch), np.int64, len(batch))
            rows.append(
                *count_ngrams(
                    _packed("".join(batch)), lengths, *character_tables(), *self._ranges, self.n_features,
                    weigh and self.sublinear_tf, idf, weigh and self.norm == "l2", memo,
                ),
                characters=int(lengths.sum()),
            )  # fmt: skip
        matrix = sparse.csr_matrix((len(texts), self._n_columns), dtype=np.float32)
        matrix.indptr, matrix.indices, matrix.data = rows.finished()
        matrix.has_sorted_indices = matrix.has_canonical_format = True
        return matrix

    def _collect_names(self, texts: Sequence[str], frequency: NDArray[np.int64]) -> dict[int, str]:
        """Name the most frequent columns, each by the n-gram that stands in it first."""
        named = np.argsort(-frequency, kind="stable")[: self.max_names]
        unnamed = np.zeros(self._n_columns, bool)
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


class _Rows:
    """Rows of a CSR matrix, collected in arrays that are made once, as large as the first batch lets expect."""

    def __init__(self, n_rows: int, characters: int) -> None:
        self._indptr = np.zeros(n_rows + 1, np.int64)
        self._columns, self._values = np.empty(0, np.int32), np.empty(0, np.float32)
        self._characters = characters
        self._row = self._at = 0

    def append(
        self, indptr: NDArray[np.int64], columns: NDArray[np.int32], values: NDArray[np.float32], *, characters: int
    ) -> None:
        n_rows, n = len(indptr) - 1, len(columns)
        if self._at + n > len(self._columns):
            expected = self._at + n + int(1.05 * n * (self._characters - characters) / max(1, characters))
            self._columns, self._values = (self._grown(old, expected) for old in (self._columns, self._values))
        self._characters -= characters
        self._indptr[self._row + 1 : self._row + n_rows + 1] = indptr[1:] + self._at
        self._columns[self._at : self._at + n] = columns
        self._values[self._at : self._at + n] = values
        self._row, self._at = self._row + n_rows, self._at + n

    def _grown(self, old: NDArray[Any], size: int) -> NDArray[Any]:
        new = np.empty(size, old.dtype)
        new[: self._at] = old[: self._at]
        return new

    def finished(self) -> tuple[NDArray[Any], NDArray[np.int32], NDArray[np.float32]]:
        indptr = self._indptr.astype(np.int32) if self._at < np.iinfo(np.int32).max else self._indptr
        return indptr, self._columns[: self._at], self._values[: self._at]


class _Folds(dict[int, str]):
    """Table for ``str.translate`` that fills itself: lower case as the tokeniser has it, one character for one."""

    def __missing__(self, point: int) -> str:
        self[point] = fold(chr(point))
        return self[point]


_FOLDS = _Folds()


def _one_line(ngram: str) -> str:
    return " ".join(ngram.split())


def _packed(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode("utf-8", "surrogatepass") or b"\0", np.uint8)


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for text in texts:
        batch.append(text)
        size += len(text)
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


_local = threading.local()


def _memo(n_features: int, chars: tuple[int, int]) -> tuple[Any, ...]:
    """Return this thread's memory of words; to make one costs more than to read a short text."""
    memos = _local.__dict__.setdefault("memos", {})
    key = (n_features, chars)
    if key not in memos:
        n_words = 2**15
        keys, spans = np.zeros(n_words, np.uint64), np.zeros((n_words, 2), np.int32)
        memos[key] = keys, spans, np.empty(2**20, np.uint32), np.zeros(1, np.int64)
    return memos[key]  # type: ignore[no-any-return]
