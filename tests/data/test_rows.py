"""Rows of files, good and bad."""

import csv
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from train.rows import DataFileError, Row, read_rows

KEYS = st.sampled_from(["text", "title", "labels", "x"])
VALUES = st.none() | st.text() | st.integers() | st.lists(st.text(), max_size=3)


def read(folder, name, content):
    path = Path(folder) / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return list(read_rows(path))


def places(rows):
    return [row.where.rsplit(" line ", 1)[1] for row in rows]


@given(st.lists(st.dictionaries(KEYS, VALUES, min_size=1), max_size=5), st.booleans(), st.sampled_from(["\n", "\r\n"]))
def test_what_was_written_as_jsonl_is_read(objects, ascii_only, newline):
    lines = "".join(json.dumps(item, ensure_ascii=ascii_only) + newline for item in objects)
    with TemporaryDirectory() as folder:
        rows = read(folder, "a.jsonl", lines)
    assert [row.values for row in rows] == objects
    assert {row.error for row in rows} <= {None}
    assert places(rows) == [str(k) for k in range(1, len(objects) + 1)]


@given(st.lists(st.tuples(st.text(), st.text()), max_size=5))
def test_what_was_written_as_csv_is_read(cells):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, quoting=csv.QUOTE_ALL).writerows([("text", "title"), *cells])
        rows = list(read_rows(path))
    assert [(row.values["text"], row.values["title"]) for row in rows] == cells


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b'{"text": "a"', "not JSON: "),
        (b"text", "not JSON: "),
        (b'{"text": "\xff"}', "not UTF-8 at byte 11 of the line"),
        (b"[1]", "a JSON list, expected an object"),
        (b'"text"', "a JSON str, expected an object"),
        (b"[" * 100_000, "not JSON: "),
        (b'{"text": "a", "n": ' + b"1" * 5000 + b"}", "not JSON: "),
    ],
    ids=["cut off", "bare word", "bytes", "list", "string", "deep", "long number"],
)
def test_a_bad_line_of_jsonl_is_reported_and_the_rest_is_read(tmp_path, line, error):
    first, bad, last = read(tmp_path, "a.jsonl", b'{"text": "x"}\n' + line + b'\n{"text": "y"}\n')
    assert (first.values, last.values) == ({"text": "x"}, {"text": "y"})
    assert bad.error.startswith(error)
    assert (bad.values, bad.where) == ({}, f"{tmp_path / 'a.jsonl'} line 2")


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b"one", "1 columns, expected 2 as in the header"),
        (b"one,two,three", "3 columns, expected 2"),
        (b"\xff,x", "not UTF-8"),
        (b"\xed\xa0\x80,x", "not UTF-8"),
    ],
)
def test_a_bad_line_of_csv_is_reported_and_the_rest_is_read(tmp_path, line, error):
    first, bad, last = read(tmp_path, "a.csv", b"text,labels\nx,\n" + line + b"\ny,b\n")
    assert (first.values, last.values) == ({"text": "x", "labels": ""}, {"text": "y", "labels": "b"})
    assert bad.error.startswith(error)
    assert (bad.values, bad.where) == ({}, f"{tmp_path / 'a.csv'} line 3")


@pytest.mark.parametrize("content", ['text\n"a"b\n', 'text\n"open\n'])
def test_broken_quotes_end_a_csv_file_with_an_error(tmp_path, content):
    (row,) = read(tmp_path, "a.csv", content)
    assert row.error.startswith("not CSV: ")
    assert places([row]) == ["2"]


def test_a_csv_row_is_placed_where_it_begins(tmp_path):
    assert places(read(tmp_path, "a.csv", 'text\n"satu\ndua"\ntiga\n')) == ["2", "4"]


@pytest.mark.parametrize(
    ("name", "content"), [("a.jsonl", '{"text": "a"}\n'), ("a.csv", "text\na\n"), ("A.CSV", "text\na\n")]
)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_byte_order_mark_is_passed_over(tmp_path, name, content, mark):
    assert [row.values for row in read(tmp_path, name, mark + content)] == [{"text": "a"}]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", '\n{"text": "a"}\n \n'),
        ("a.csv", "text\n\na\n\n"),
        ("a.csv", "\ntext\na\n"),
    ],
    ids=["jsonl", "csv", "csv before the header"],
)
def test_blank_lines_are_passed_over(tmp_path, name, content):
    assert [row.values for row in read(tmp_path, name, content)] == [{"text": "a"}]


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_an_empty_file_has_no_rows(tmp_path, name):
    assert read(tmp_path, name, "") == []


@pytest.mark.parametrize("header", ["title,labels", "text,text"])
def test_a_csv_file_needs_different_columns_with_text_among_them(tmp_path, header):
    with pytest.raises(DataFileError, match=rf"line 1: header '{header}'; expected different column names"):
        read(tmp_path, "a.csv", f"{header}\na,b\n")


@pytest.mark.parametrize("name", ["a.txt", "a", "a.jsonl.gz"])
def test_another_ending_is_refused(tmp_path, name):
    with pytest.raises(DataFileError, match=r"expected \.jsonl, \.csv or \.parquet"):
        read(tmp_path, name, "")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataFileError, match=r"b\.jsonl: No such file"):
        list(read_rows(tmp_path / "b.jsonl"))


def test_a_folder_is_no_file(tmp_path):
    (tmp_path / "b.jsonl").mkdir()
    with pytest.raises(DataFileError, match=r"b\.jsonl: Is a directory"):
        list(read_rows(tmp_path / "b.jsonl"))


def test_a_very_long_cell_is_read(tmp_path):
    (row,) = read(tmp_path, "a.csv", "text\n" + "a" * 300_000 + "\n")
    assert row == Row(f"{tmp_path / 'a.csv'} line 2", {"text": "a" * 300_000})


@given(st.lists(st.tuples(st.text(), st.none() | st.lists(st.text(), max_size=3)), max_size=5), st.booleans())
def test_what_was_written_as_parquet_is_read(cells, large):
    text = pa.large_string() if large else pa.string()
    schema = pa.schema([("text", text), ("labels", pa.list_(pa.string()))])
    objects = [{"text": text, "labels": labels} for text, labels in cells]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.parquet"
        parquet.write_table(pa.Table.from_pylist(objects, schema), path, row_group_size=2)
        rows = list(read_rows(path))
    assert [row.values for row in rows] == objects
    assert [row.where for row in rows] == [f"{path} row {k}" for k in range(1, len(objects) + 1)]


def parquet_file(folder, columns):
    parquet.write_table(pa.table(columns), folder / "a.parquet")
    return folder / "a.parquet"


def test_a_bad_row_of_parquet_is_reported_and_the_rest_is_read(tmp_path):
    text = pa.Array.from_buffers(
        pa.string(), 3, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0"), pa.py_buffer(b"a\xffb")]
    )
    first, bad, last = read_rows(parquet_file(tmp_path, {"text": text}))
    assert (first.values, last.values) == ({"text": "a"}, {"text": "b"})
    assert bad.error.startswith("not readable: ")
    assert (bad.values, bad.where) == ({}, f"{tmp_path / 'a.parquet'} row 2")


@pytest.mark.parametrize("content", [b"", b"text\na\n", b"PAR1PAR1"])
def test_what_is_no_parquet_file_is_refused(tmp_path, content):
    with pytest.raises(DataFileError, match=r"a\.parquet: not a Parquet file"):
        read(tmp_path, "a.parquet", content)


def test_a_damaged_parquet_file_ends_with_an_error(tmp_path):
    path = parquet_file(tmp_path, {"text": [f"berita {k}" for k in range(2000)]})
    content = bytearray(path.read_bytes())
    content[200:4000] = b"\xff" * 3800
    path.write_bytes(content)
    assert list(read_rows(path))[-1].error.startswith("not readable: ")


def test_a_parquet_file_needs_a_text_column(tmp_path):
    with pytest.raises(DataFileError, match=r"columns 'title,labels'; expected different names, one of them text"):
        list(read_rows(parquet_file(tmp_path, {"title": ["a"], "labels": ["b"]})))
