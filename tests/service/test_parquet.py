"""Files of Parquet labelled: every column keeps its type."""

import csv
import json
from datetime import datetime

import pyarrow as pa
import pytest
from pyarrow import parquet

from serve import bulk
from train.registry import RegisteredClassifier

OURS = {"kawat_labels", "kawat_primary", "kawat_scores", "kawat_language", "kawat_error"}


@pytest.fixture(autouse=True)
def champion(tiny_classifier, monkeypatch):
    model = RegisteredClassifier("kawat", "1", "run", tiny_classifier)
    monkeypatch.setattr(bulk.registry, "load", lambda name, which: model)


@pytest.fixture
def source(tmp_path):
    columns = {
        "text": ["Rusia mengirim rudal ke India.", "...", "Harga cabai naik."],
        "day": pa.array([datetime(2025, 1, 2), None, None], pa.timestamp("ms")),
        "desk": pa.array([1, 2, None], pa.int16()),
        "tags": [["a"], [], None],
    }
    parquet.write_table(pa.table(columns), tmp_path / "in.parquet")
    return tmp_path / "in.parquet"


def test_columns_of_parquet_keep_their_types(source, tmp_path, tiny_classifier):
    counts = bulk.label_file(source, tmp_path / "out.parquet")
    assert (counts.labelled, counts.failed) == (2, 1)
    before, after = parquet.read_table(source), parquet.read_table(tmp_path / "out.parquet")
    assert after.select(before.column_names) == before
    assert set(after.column_names) - set(before.column_names) == OURS
    first, bad, _ = after.to_pylist()
    expected = tiny_classifier.classify([{"text": first["text"]}])[0]
    assert (first["kawat_labels"], first["kawat_primary"]) == (expected.labels, expected.primary)
    assert json.loads(first["kawat_scores"]) == expected.scores
    assert first["kawat_error"] is None
    assert "in.parquet row 2" in bad["kawat_error"]
    assert (bad["kawat_labels"], bad["kawat_scores"]) == ([], None)


def test_what_was_labelled_once_can_be_labelled_again(source, tmp_path):
    bulk.label_file(source, tmp_path / "out.parquet")
    bulk.label_file(tmp_path / "out.parquet", tmp_path / "again.parquet")
    # The error of a bad row names the file that it stood in.
    first, again = (
        parquet.read_table(tmp_path / name).drop_columns("kawat_error") for name in ("out.parquet", "again.parquet")
    )
    assert first == again


def test_parquet_becomes_jsonl_and_csv(source, tmp_path):
    for name in ("out.jsonl", "out.csv"):
        bulk.label_file(source, tmp_path / name)
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert (lines[0]["day"], lines[0]["desk"]) == ("2025-01-02 00:00:00", 1)
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as stream:
        assert [row["kawat_labels"] for row in csv.DictReader(stream)] == [
            "|".join(row.get("labels", [])) for row in lines
        ]


def test_jsonl_becomes_parquet_of_strings(tmp_path):
    rows = [{"text": "Rusia \ud800 rudal", "n": 1}, {"text": "dua", "n": None}]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    bulk.label_file(tmp_path / "in.jsonl", tmp_path / "out.parquet")
    assert parquet.read_table(tmp_path / "out.parquet").select(["text", "n"]).to_pylist() == [
        {"text": "Rusia ? rudal", "n": "1"},
        {"text": "dua", "n": None},
    ]
    assert not list(tmp_path.glob("*.partial"))
