"""Files labelled row by row; every input column is kept."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from features.article import Document
from train import registry
from train.dataset import documents_of_rows
from train.registry import RegisteredClassifier
from train.rows import SUFFIXES, DataFileError, Row, read_rows, suffixes

_CHUNK = 256
"""Articles classified at once."""
COLUMNS = ("kawat_labels", "kawat_primary", "kawat_scores", "kawat_language", "kawat_error")

_Write = Callable[[Row, dict[str, Any]], object]


@dataclass(frozen=True)
class Counts:
    """How many rows were labelled, and how many could not be."""

    labelled: int
    failed: int


def label_file(source: Path, target: Path | None, *, name: str = "kawat", which: str = "champion") -> Counts:
    """Label the articles of a file.

    Parameters
    ----------
    source : Path
        JSONL, CSV or Parquet.
    target : Path or None
        JSONL, CSV or Parquet, put in place when it is complete; JSONL on standard output without it.
    name, which : str
        Registered model, and its alias or version.

    Returns
    -------
    Counts
        A row that cannot be labelled is counted as failed, and written all the same, with ``kawat_error``.

    Raises
    ------
    DataFileError
        If the source cannot be read, the target's name has another ending or nothing can be put there.
    OSError
        If the target cannot be written to the end, as on a full disk.
    """
    rows = read_rows(source)
    first = next(rows, None)
    if first is None:
        raise DataFileError(f"{source}: no row; expected at least one article")
    with _writer(target, source, [*first.values]) as write:
        model = registry.load(name, which)
        labelled = failed = 0
        for chunk in _chunks(_chain(first, rows)):
            for row, result in _label(chunk, model):
                write(row, result)
                labelled, failed = labelled + ("error" not in result), failed + ("error" in result)
    return Counts(labelled, failed)


def _label(rows: list[Row], model: RegisteredClassifier) -> Iterator[tuple[Row, dict[str, Any]]]:
    documents: dict[int, Document] = {}
    errors: dict[int, str] = {}
    for place, (row, document) in enumerate(zip(rows, documents_of_rows(rows), strict=True)):
        if isinstance(document, ValueError):
            errors[place] = f"{row.where}: {document}"
        else:
            documents[place] = document
    results = (
        dict(zip(documents, model.classifier.classify(list(documents.values())), strict=True)) if documents else {}
    )
    for place, row in enumerate(rows):
        if place in errors:
            yield row, {"error": errors[place]}
        else:
            yield row, results[place].as_json() | {"model": model.reference}


@contextmanager
def _writer(target: Path | None, source: Path, columns: list[str]) -> Iterator[_Write]:
    if target is None:
        yield lambda row, result: sys.stdout.write(_json_line(row, result))
        return
    suffix = target.suffix.lower()
    if suffix not in SUFFIXES:
        raise DataFileError(f"{target}: the name ends in {target.suffix or 'nothing'!r}; expected {suffixes(SUFFIXES)}")
    if target.is_dir():
        raise DataFileError(f"{target}: is a folder; expected the name of a file")
    partial = target.with_name(target.name + ".partial")
    try:
        with ExitStack() as opened:
            try:
                with _naming(target):
                    write = opened.enter_context(_WRITERS[suffix](partial, source, columns))
            except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
                raise DataFileError(f"{target}: {error.strerror}") from None

            def named(row: Row, result: dict[str, Any]) -> None:
                with _naming(target):
                    write(row, result)

            yield named
            with _naming(target):
                opened.close()
        with _naming(target):
            os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _naming(target: Path) -> Iterator[None]:
    """Let an error of a stream, which does not know its file, say which one could not be written."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(target)) from error


@contextmanager
def _json_writer(path: Path, source: Path, columns: list[str]) -> Iterator[_Write]:
    with _open(path) as stream:
        yield lambda row, result: stream.write(_json_line(row, result))


def _open(path: Path) -> TextIO:
    return path.open("w", encoding="utf-8", newline="", errors="surrogatepass")


def _json_line(row: Row, result: dict[str, Any]) -> str:
    merged = {"kawat_error": result["error"]} if "error" in result else result
    # A Parquet file may hold dates and numbers that JSON has no type for.
    return json.dumps(row.values | merged, ensure_ascii=False, default=str) + "\n"


@contextmanager
def _parquet_writer(path: Path, source: Path, columns: list[str]) -> Iterator[_Write]:
    """Write rows of Parquet: columns that come from Parquet keep their types, others become strings."""
    import pyarrow as pa
    from pyarrow import parquet

    typed = source.suffix.lower() == ".parquet"
    fields = list(parquet.read_schema(source)) if typed else [pa.field(name, pa.string()) for name in columns]
    fields = [field for field in fields if field.name not in COLUMNS]
    fields += [pa.field(name, pa.list_(pa.string()) if name == COLUMNS[0] else pa.string()) for name in COLUMNS]
    schema = pa.schema(fields)
    rows: list[dict[str, Any]] = []
    with parquet.ParquetWriter(path, schema) as writer:

        def flush() -> None:
            if rows:
                writer.write_table(pa.Table.from_pylist(rows, schema))
                rows.clear()

        def write(row: Row, result: dict[str, Any]) -> None:
            values = row.values if typed else {name: _as_text(value) for name, value in row.values.items()}
            ours = dict(zip(COLUMNS, _cells(result), strict=True))
            rows.append(values | {name: value or None for name, value in ours.items()} | {COLUMNS[0]: ours[COLUMNS[0]]})
            if len(rows) >= _CHUNK:
                flush()

        yield write
        flush()


def _as_text(value: Any) -> str | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode()  # Parquet holds no lone surrogate


def _cells(result: dict[str, Any]) -> tuple[list[str], str, str, str, str]:
    """Return what ``COLUMNS`` hold for a result."""
    if "error" in result:
        return [], "", "", "", result["error"]
    return result["labels"], result["primary"] or "", json.dumps(result["scores"]), result["language"], ""


@contextmanager
def _csv_writer(path: Path, source: Path, columns: list[str]) -> Iterator[_Write]:
    names = [*columns, *(column for column in COLUMNS if column not in columns)]
    with _open(path) as stream:
        writer = csv.DictWriter(stream, names, extrasaction="ignore", restval="")
        writer.writeheader()

        def write(row: Row, result: dict[str, Any]) -> None:
            labels, *rest = _cells(result)
            writer.writerow(row.values | dict(zip(COLUMNS, ["|".join(labels), *rest], strict=True)))

        yield write


_WRITERS = {".jsonl": _json_writer, ".csv": _csv_writer, ".parquet": _parquet_writer}


def _chain(first: Row, rest: Iterable[Row]) -> Iterator[Row]:
    yield first
    yield from rest


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while chunk := list(islice(rows, _CHUNK)):
        yield chunk
