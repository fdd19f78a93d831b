"""Files labelled row by row; every input column is kept."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from features.article import Document
from train import registry
from train.dataset import document_of
from train.registry import RegisteredClassifier
from train.rows import DataFileError, Row, read_rows

_CHUNK = 256
"""Articles classified at once."""
COLUMNS = ("kawat_labels", "kawat_primary", "kawat_scores", "kawat_language", "kawat_error")


@dataclass(frozen=True)
class Labelled:
    """How many rows were labelled, and how many could not be."""

    labelled: int
    failed: int


def label_file(source: Path, target: Path | None, *, name: str = "kawat", which: str = "champion") -> Labelled:
    """Label the articles of a file.

    Parameters
    ----------
    source : Path
        JSONL or CSV.
    target : Path or None
        JSONL or CSV, put in place when it is complete; JSONL on standard output without it.
    name, which : str
        Registered model, and its alias or version.

    Returns
    -------
    Labelled
        Counts. A row that cannot be labelled is written all the same, with ``kawat_error``.

    Raises
    ------
    DataFileError
        If the source cannot be read or the target's name has another ending.
    """
    rows = read_rows(source)
    first = next(rows, None)
    if first is None:
        raise DataFileError(f"{source}: no row; expected at least one article")
    with _writer(target, [*first.values]) as write:
        model = registry.load(name, which)
        labelled = failed = 0
        for chunk in _chunks(_chain(first, rows)):
            for row, result in _label(chunk, model):
                write(row, result)
                labelled, failed = labelled + ("error" not in result), failed + ("error" in result)
    return Labelled(labelled, failed)


def _label(rows: list[Row], model: RegisteredClassifier) -> Iterator[tuple[Row, dict[str, Any]]]:
    documents: dict[int, Document] = {}
    errors: dict[int, str] = {}
    for place, row in enumerate(rows):
        try:
            documents[place] = document_of(row)
        except ValueError as error:
            errors[place] = f"{row.where}: {error}"
    results = (
        dict(zip(documents, model.classifier.classify(list(documents.values())), strict=True)) if documents else {}
    )
    for place, row in enumerate(rows):
        if place in errors:
            yield row, {"error": errors[place]}
        else:
            yield row, results[place].as_json() | {"model": {"name": model.name, "version": model.version}}


@contextmanager
def _writer(target: Path | None, columns: list[str]) -> Iterator[Any]:
    if target is None:
        yield lambda row, result: sys.stdout.write(_json_line(row, result))
        return
    if target.suffix.lower() not in (".jsonl", ".csv"):
        raise DataFileError(f"{target}: the name ends in {target.suffix or 'nothing'!r}; expected .jsonl or .csv")
    partial = target.with_name(target.name + ".partial")
    try:
        with partial.open("w", encoding="utf-8", newline="", errors="surrogatepass") as stream:
            yield (
                _csv_writer(stream, columns)
                if target.suffix.lower() == ".csv"
                else lambda row, result: stream.write(_json_line(row, result))
            )
        os.replace(partial, target)
    except OSError as error:
        raise DataFileError(f"{target}: {error.strerror or error}") from None
    finally:
        partial.unlink(missing_ok=True)


def _json_line(row: Row, result: dict[str, Any]) -> str:
    merged = {"kawat_error": result["error"]} if "error" in result else result
    return json.dumps(row.values | merged, ensure_ascii=False) + "\n"


def _csv_writer(stream: TextIO, columns: list[str]) -> Any:
    writer = csv.DictWriter(
        stream, [*columns, *(column for column in COLUMNS if column not in columns)], extrasaction="ignore", restval=""
    )
    writer.writeheader()

    def write(row: Row, result: dict[str, Any]) -> None:
        ours = dict.fromkeys(COLUMNS, "") | {"kawat_error": result.get("error", "")}
        if "error" not in result:
            ours |= {
                "kawat_labels": "|".join(result["labels"]),
                "kawat_primary": result["primary"] or "",
                "kawat_scores": json.dumps(result["scores"]),
                "kawat_language": result["language"],
            }
        writer.writerow(row.values | ours)

    return write


def _chain(first: Row, rest: Iterable[Row]) -> Iterator[Row]:
    yield first
    yield from rest


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while chunk := list(islice(rows, _CHUNK)):
        yield chunk
