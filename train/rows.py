"""Rows of JSONL and CSV files, each with the place where it stands; a bad row is reported, never skipped."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

SUFFIXES = (".jsonl", ".csv")


class Row(NamedTuple):
    """One row of a data file.

    Attributes
    ----------
    where : str
        File and line.
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
        A ``.jsonl`` or ``.csv`` file in UTF-8.

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
        raise DataFileError(f"{path}: the name ends in {path.suffix or 'nothing'!r}; expected {' or '.join(SUFFIXES)}")
    try:
        stream = path.open("rb")
    except OSError as error:
        raise DataFileError(f"{path}: {error.strerror or error}") from None
    with stream:
        yield from (_jsonl_rows if path.suffix.lower() == ".jsonl" else _csv_rows)(stream, str(path))


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
