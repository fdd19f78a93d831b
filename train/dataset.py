"""Labelled articles: read, validate, split."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from functools import cached_property
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.article import MAX_CHARACTERS, Article, Document, documents_of
from train.duplicates import near_duplicate_groups
from train.rows import DataFileError, Row, read_rows

TEST_SHARE = 5
"""One of so many groups of articles is the frozen test."""
_SHOWN = 20
"""Bad rows that an error lists; it counts the rest."""
_OPTIONAL = ("title", "id", "language", "url", "published")


class Dataset:
    """Labelled articles.

    Parameters
    ----------
    documents : sequence of Document
        The cleaned articles.
    Y : ndarray of int8, shape (n_articles, n_labels)
        1 where an article carries a label.
    labels : sequence of str
        Names of the columns of `Y`.
    """

    def __init__(self, documents: Sequence[Document], Y: NDArray[np.int8], labels: Sequence[str]) -> None:
        self.documents = list(documents)
        self.Y = Y
        self.labels = tuple(labels)

    def __len__(self) -> int:
        return len(self.documents)

    @cached_property
    def groups(self) -> NDArray[np.int64]:
        """Number of the group of near-duplicates that each article is in, shape (n_articles,)."""
        return near_duplicate_groups([document.text for document in self.documents])

    @cached_property
    def is_test(self) -> NDArray[np.bool_]:
        """Whether each article belongs to the frozen test, shape (n_articles,).

        The key of an article is the SHA-256 of its ``id``, else of its normalised text; a remainder of 0 by 5 makes it
        a test article, and all its near-duplicates with it. So an article that was test once is test for ever, whatever
        is added.
        """
        own = np.array([int(split_key(document)[:16], 16) % TEST_SHARE == 0 for document in self.documents], bool)
        drawn = np.zeros(int(self.groups.max(initial=-1)) + 1, bool)
        np.logical_or.at(drawn, self.groups, own)
        return drawn[self.groups]

    def subset(self, rows: NDArray[Any]) -> Dataset:
        """Return the articles at `rows` (a mask or positions), keeping their groups."""
        places = np.flatnonzero(rows) if rows.dtype == bool else rows
        part = Dataset([self.documents[k] for k in places], self.Y[places], self.labels)
        part.groups = self.groups[places]
        return part

    @property
    def digest(self) -> str:
        """SHA-256 over keys, texts and labels, independent of the order of the articles."""
        lines = sorted(
            json.dumps([split_key(document), document.article.title, document.article.text, row.tolist()])
            for document, row in zip(self.documents, self.Y, strict=True)
        )
        return hashlib.sha256("\n".join([*self.labels, *lines]).encode()).hexdigest()


def split_key(document: Document) -> str:
    """Return the key that decides on an article's side of the split, as hexadecimal digits."""
    key = document.article.id or " ".join(document.text.casefold().split())
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def embedded_corpus() -> Path:
    """Return the path of the corpus that comes with the package."""
    with as_file(files("train.corpus").joinpath("articles.jsonl")) as path:
        return path


def read_dataset(paths: Sequence[Path], labels: Sequence[str]) -> Dataset:
    """Read labelled articles, all of them or none.

    Parameters
    ----------
    paths : sequence of Path
        JSONL, CSV or Parquet files.
    labels : sequence of str
        The labels that may occur.

    Returns
    -------
    Dataset
        In the order of the files. An article that stands twice with the same labels is kept once.

    Raises
    ------
    DataFileError
        If a file or any row of it is wrong; the message says of every bad row where it stands and what is wrong with
        it.
    """
    errors: list[str] = []
    seen: dict[str, tuple[str, tuple[str, ...], str]] = {}
    documents, names = [], []
    for path in paths:
        rows = list(read_rows(path))
        for row, document in zip(rows, documents_of_rows(rows), strict=True):
            try:
                if isinstance(document, ValueError):
                    raise document
                carried = carried_labels(row, labels)
            except ValueError as error:
                errors.append(f"{row.where}: {error}")
                continue
            key = split_key(document)
            if key not in seen:
                seen[key] = row.where, carried, document.article.text
                documents.append(document)
                names.append(carried)
                continue
            where, before, text = seen[key]
            if before != carried or (document.article.id and text != document.article.text):
                what = f"id {document.article.id!r}" if document.article.id else "text"
                errors.append(
                    f"{row.where}: the {what} stands at {where} already, with other labels or another text; keep one"
                )
    if errors:
        more = f"\n… and {len(errors) - _SHOWN} more" if len(errors) > _SHOWN else ""
        raise DataFileError(f"{len(errors)} bad rows, nothing was read:\n" + "\n".join(errors[:_SHOWN]) + more)
    if not documents:
        raise DataFileError(f"{', '.join(map(str, paths))}: no article; expected at least one row")
    Y = np.array([[name in carried for name in labels] for carried in names], np.int8)
    return Dataset(documents, Y, labels)


def carried_labels(row: Row, labels: Sequence[str]) -> tuple[str, ...]:
    """Return the labels of a row in the order of `labels`, or raise ValueError saying what is wrong."""
    carried = row.values.get("labels")
    if isinstance(carried, str):
        carried = [name.strip() for name in carried.split("|") if name.strip()]
    if not isinstance(carried, list) or not all(isinstance(name, str) for name in carried):
        raise ValueError(
            f"labels = {carried!r}, expected a list of label names (in CSV: names separated by |), empty for none"
        )
    unknown = sorted(set(carried) - set(labels))
    if unknown:
        raise ValueError(f"unknown label {', '.join(map(repr, unknown))}; expected some of {', '.join(labels)}")
    return tuple(name for name in labels if name in carried)


def documents_of_rows(rows: Sequence[Row]) -> list[Document | ValueError]:
    """Return for each row its cleaned article, or an error that says what is wrong with it."""
    articles: list[Article | ValueError] = []
    for row in rows:
        try:
            articles.append(_article(row))
        except ValueError as error:
            articles.append(error)
    documents = iter(documents_of([article for article in articles if isinstance(article, Article)]))
    return [article if isinstance(article, ValueError) else _not_empty(next(documents)) for article in articles]


def _not_empty(document: Document) -> Document | ValueError:
    if document.is_empty:
        return ValueError("no letter or digit is left of text after cleaning, expected an article")
    return document


def _article(row: Row) -> Article:
    if row.error:
        raise ValueError(row.error)
    text = row.values.get("text")
    if not isinstance(text, str):
        raise ValueError(f"text is {'missing' if text is None else 'a ' + type(text).__name__}, expected a string")
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"text has {len(text):,} characters, expected at most {MAX_CHARACTERS:,}")
    values = dict(row.values)
    for key in _OPTIONAL:
        value = values.get(key)
        if isinstance(value, date):  # Parquet has a type for it; a datetime is one, too
            values[key] = value.isoformat()
        elif value is not None and not isinstance(value, str):
            raise ValueError(f"{key} is a {type(value).__name__}, expected a string")
    return Article.from_mapping(values)
