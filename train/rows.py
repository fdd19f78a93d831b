"""Rows of JSONL, CSV and Parquet files, each with the place where it stands; a bad row is reported, never skipped."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

SUFFIXES = (".jsonl", ".csv", ".parquet")


class Row(NamedTuple):
    """One row of a data file.

    Attributes
    ----------
    where : str
        File and line, or row of a Parquet file.
    values : dict of str to object
        Its columns; empty if it could not be read.
    error : str or None
        Why it could not be read.
    """

    where: str
    values: dict[str, Any]
    error: str | None = None


class DataFileError(ValueError):
    """A file that cannot be read at all, or rows of it that are wrong; the message says where and why."""


def read_rows(path: Path) -> Iterator[Row]:
    """Read the rows of a data file one by one.

    Parameters
    ----------
    path : Path
        A ``.jsonl`` or ``.csv`` file in UTF-8, or a ``.parquet`` file.

    Yields
    ------
    Row
        Blank lines are passed over.

    Raises
    ------
    DataFileError
        If there is no such file, or its name has another ending.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise DataFileError(f"{path}: the name ends in {path.suffix or 'nothing'!r}; expected {suffixes(SUFFIXES)}")
    try:
        stream = path.open("rb")
    except OSError as error:
        raise DataFileError(f"{path}: {error.strerror or error}") from None
    with stream:
        yield from _READERS[path.suffix.lower()](stream, str(path))


def suffixes(names: Sequence[str]) -> str:
    """Return endings as a sentence has them: ``.jsonl, .csv or .parquet``."""
    return f"{', '.join(names[:-1])} or {names[-1]}"


def _jsonl_rows(stream: BinaryIO, name: str) -> Iterator[Row]:
    for number, line in enumerate(stream, start=1):
        where = f"{name} line {number}"
        if not line.strip():
            continue
        try:
            values = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
        except UnicodeDecodeError as error:
            yield Row(where, {}, f"not UTF-8 at byte {error.start + 1} of the line")
        except (ValueError, RecursionError) as error:
            yield Row(where, {}, f"not JSON: {error}; expected one object a line")
        else:
            if isinstance(values, dict):
                yield Row(where, values)
            else:
                yield Row(where, {}, f'a JSON {type(values).__name__}, expected an object such as {{"text": …}}')


def _csv_rows(stream: BinaryIO, name: str) -> Iterator[Row]:
    csv.field_size_limit(sys.maxsize)
    # Bytes that are not UTF-8 come through as lone surrogates, so that the line they stand in can be named.
    reader = csv.reader(TextIOWrapper(stream, "utf-8-sig", errors="surrogateescape", newline=""), strict=True)
    header: list[str] | None = None
    while True:
        line = reader.line_num + 1
        where = f"{name} line {line}"
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(where, {}, f"not CSV: {error}")
            return
        if any("\udc80" <= char <= "\udcff" for cell in cells for char in cell):
            yield Row(where, {}, "not UTF-8")
        elif header is None and any(cells):
            header = cells
            if len(set(header)) != len(header) or "text" not in header:
                raise DataFileError(
                    f"{where}: header {','.join(header)!r}; expected different column names, one of them text"
                )
        elif header and cells and len(cells) != len(header):
            yield Row(where, {}, f"{len(cells)} columns, expected {len(header)} as in the header")
        elif header and cells:
            yield Row(where, dict(zip(header, cells, strict=True)))


def _parquet_rows(stream: BinaryIO, name: str) -> Iterator[Row]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(stream)
    except (pa.ArrowException, OSError) as error:
        raise DataFileError(f"{name}: not a Parquet file: {error}") from None
    columns = file.schema_arrow.names
    if len(set(columns)) != len(columns) or "text" not in columns:
        raise DataFileError(f"{name}: columns {','.join(columns)!r}; expected different names, one of them text")
    number = 0
    batches = file.iter_batches(_PARQUET_ROWS)
    while True:
        try:
            batch = next(batches, None)
        except (pa.ArrowException, OSError) as error:
            yield Row(f"{name} row {number + 1}", {}, f"not readable: {error}")
            return
        if batch is None:
            return
        for place in range(batch.num_rows):
            number += 1
            where = f"{name} row {number}"
            try:
                (values,) = batch.slice(place, 1).to_pylist()
            except (UnicodeDecodeError, ValueError) as error:  # also a date beyond Python's
                yield Row(where, {}, f"not readable: {error}")
            else:
                yield Row(where, values)


_PARQUET_ROWS = 512
"""Rows of a Parquet file in memory at once."""
_READERS = {".jsonl": _jsonl_rows, ".csv": _csv_rows, ".parquet": _parquet_rows}
