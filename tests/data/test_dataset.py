"""Labelled articles: read, refused, split."""

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from features.article import MAX_CHARACTERS, Article, Document
from train.dataset import Dataset, read_dataset, split_key
from train.rows import DataFileError

LABELS = ("a", "b", "c")
STORY = " ".join(f"kata{k}" for k in range(40))


def write(folder, *rows, name="data.jsonl"):
    path = Path(folder) / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def row(text="Rusia kirim rudal", labels=(), **more):
    return {"text": text, "labels": list(labels), **more}


def dataset(*articles):
    documents = [Document.of(article) for article in articles]
    return Dataset(documents, np.zeros((len(documents), len(LABELS)), np.int8), LABELS)


def is_drawn(id_):
    """Return whether an article of this id belongs to the test by itself."""
    return int(split_key(Document.of(Article("x", id=id_)))[:16], 16) % 5 == 0


DRAWN = [f"id{k}" for k in range(200) if is_drawn(f"id{k}")]
OTHERS = [f"id{k}" for k in range(400) if not is_drawn(f"id{k}")]


def test_labels_become_columns_in_the_order_of_the_labels(tmp_path):
    data = read_dataset([write(tmp_path, row("satu", "ca"), row("dua"), row("tiga", "b"))], LABELS)
    assert data.Y.tolist() == [[1, 0, 1], [0, 0, 0], [0, 1, 0]]
    assert (data.Y.dtype, data.labels, len(data)) == (np.int8, LABELS, 3)
    assert [document.text for document in data.documents] == ["satu", "dua", "tiga"]


def test_csv_separates_labels_by_bars(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("text,labels,id\nsatu,a| c,1\ndua,,2\n", "utf-8")
    data = read_dataset([path], LABELS)
    assert data.Y.tolist() == [[1, 0, 1], [0, 0, 0]]


def test_parquet_has_labels_as_lists_or_strings_and_dates(tmp_path):
    day = datetime(2025, 3, 1, 12, tzinfo=UTC)
    for name, labels in (("a", [["a", "c"], []]), ("b", ["a|c", ""])):
        columns = {"text": [f"satu {name}", f"dua {name}"], "labels": labels, "published": [day, None]}
        parquet.write_table(pa.table(columns), tmp_path / f"{name}.parquet")
    data = read_dataset([tmp_path / "a.parquet", tmp_path / "b.parquet"], LABELS)
    assert data.Y.tolist() == [[1, 0, 1], [0, 0, 0]] * 2
    assert [document.article.published for document in data.documents] == ["2025-03-01T12:00:00+00:00", None] * 2


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"labels": []}, "text is missing, expected a string"),
        (row(7), "text is a int, expected a string"),
        (row("x" * (MAX_CHARACTERS + 1)), "text has 200,001 characters, expected at most 200,000"),
        (row("…"), "no letter or digit is left of text"),
        (row("Baca juga: Harga Emas"), "no letter or digit is left of text"),
        (row(id=7), "id is a int, expected a string"),
        (row(title=["x"]), "title is a list, expected a string"),
        ({"text": "satu"}, "labels = None, expected a list of label names"),
        ({"text": "satu", "labels": 3}, "labels = 3, expected a list"),
        ({"text": "satu", "labels": [3]}, r"labels = \[3\], expected a list"),
        (row(labels=["x", "a", "y"]), "unknown label 'x', 'y'; expected some of a, b, c"),
    ],
)
def test_a_bad_row_is_reported_with_its_place(tmp_path, bad, message):
    with pytest.raises(DataFileError, match=rf"^1 bad rows, nothing was read:\n.*data\.jsonl line 2: {message}"):
        read_dataset([write(tmp_path, row("satu"), bad)], LABELS)


def test_all_bad_rows_are_counted_and_some_are_listed(tmp_path):
    with pytest.raises(DataFileError, match="30 bad rows") as caught:
        read_dataset([write(tmp_path, *[row(k) for k in range(30)])], LABELS)
    lines = str(caught.value).splitlines()
    assert len(lines) == 22
    assert lines[-1] == "… and 10 more"


def test_a_text_of_the_greatest_length_is_read(tmp_path):
    assert len(read_dataset([write(tmp_path, row("x" * MAX_CHARACTERS))], LABELS)) == 1


def test_a_file_without_articles_is_refused(tmp_path):
    with pytest.raises(DataFileError, match="no article; expected at least one row"):
        read_dataset([write(tmp_path)], LABELS)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (row("satu", "a"), row("satu", "a")),
        (row("satu dua", "a"), row("SATU  Dua", "a")),
        (row("satu", "a", id="1"), row("satu", "a", id="1")),
        (row("satu", "ab"), row("satu", "ba")),
    ],
    ids=["same", "case and space", "same id", "order of labels"],
)
def test_an_article_that_stands_twice_is_kept_once(tmp_path, first, second):
    assert len(read_dataset([write(tmp_path, first, second)], LABELS)) == 1
    assert len(read_dataset([write(tmp_path, first), write(tmp_path, second, name="more.jsonl")], LABELS)) == 1


def test_a_file_that_is_given_twice_is_read_once(tmp_path):
    path = write(tmp_path, row("satu", "a"))
    assert len(read_dataset([path, path], LABELS)) == 1


@pytest.mark.parametrize(
    ("first", "second", "what"),
    [
        (row("satu", "a"), row("satu", "b"), "text"),
        (row("satu", "a", id="1"), row("satu", "b", id="1"), "id '1'"),
        (row("satu", "a", id="1"), row("dua", "a", id="1"), "id '1'"),
    ],
)
def test_articles_that_contradict_each_other_are_refused(tmp_path, first, second, what):
    with pytest.raises(DataFileError, match=f"line 2: the {what} stands at .* line 1 already"):
        read_dataset([write(tmp_path, first, second)], LABELS)


def test_the_key_is_the_id_or_else_the_normalised_text():
    def key(text, id_=None):
        return split_key(Document.of(Article(text, id=id_)))

    assert key("satu", "1") == key("dua", "1") != key("satu", "2")
    assert key("Satu  dua\n") == key("satu DUA") != key("satu")
    assert len(key("\ud800 satu")) == 64


def test_the_digest_does_not_depend_on_the_order_but_on_everything_else(tmp_path):
    rows = [row("satu", "a"), row("dua", "b"), row("tiga")]
    digest = read_dataset([write(tmp_path, *rows)], LABELS).digest
    assert read_dataset([write(tmp_path, *rows[::-1])], LABELS).digest == digest
    changed = [
        ([row("satu", "b"), *rows[1:]], LABELS),
        ([row("Satu", "a"), *rows[1:]], LABELS),
        ([row("satu", "a", title="T"), *rows[1:]], LABELS),
        (rows[:2], LABELS),
        (rows, ("a", "b", "d")),
    ]
    others = {read_dataset([write(tmp_path, *some)], labels).digest for some, labels in changed}
    assert len(others | {digest}) == 6


def test_a_subset_keeps_the_groups_of_the_whole():
    data = dataset(Article(STORY, id="1"), Article("lain sama sekali", id="2"), Article(STORY + " x", id="3"))
    part = data.subset(np.array([False, True, True]))
    assert part.groups.tolist() == data.groups[1:].tolist()
    assert [document.article.id for document in data.subset(np.array([2, 0])).documents] == ["3", "1"]


def test_without_articles_there_is_nothing_to_split():
    assert dataset().is_test.tolist() == []


def test_the_key_draws_the_test():
    data = dataset(*[Article(f"berita {id_}", id=id_) for id_ in DRAWN[:5] + OTHERS[:20]])
    assert data.is_test.tolist() == [True] * 5 + [False] * 20


stories = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 5), st.sampled_from(DRAWN[:8] + OTHERS[:24])),
    unique_by=lambda story: story[2],
    max_size=10,
)


def articles(drawn):
    """Return articles of a few stories, each told from another sentence on."""
    words = [f"s{k // 4} k{k}" for k in range(40)]
    return [
        Article(" ".join(f"{story}{word}" for word in words[4 * at : 4 * at + 20]), id=id_) for story, at, id_ in drawn
    ]


@settings(max_examples=20)
@given(stories, st.data())
def test_what_is_added_never_takes_an_article_out_of_the_test(drawn, data):
    known = data.draw(st.integers(0, len(drawn)))
    before = dataset(*articles(drawn[:known])).is_test
    after = dataset(*articles(drawn)).is_test[:known]
    assert not (before & ~after).any()


@settings(max_examples=20)
@given(stories)
def test_near_duplicates_share_a_side(drawn):
    data = dataset(*articles(drawn))
    for group in set(data.groups.tolist()):
        sides = data.is_test[data.groups == group]
        assert sides.all() or not sides.any()
        assert sides.any() == any(
            is_drawn(document.article.id)
            for document, own in zip(data.documents, data.groups, strict=True)
            if own == group
        )


def test_a_near_duplicate_of_a_test_article_is_a_test_article():
    data = dataset(Article(STORY, id=DRAWN[0]), Article(f"{STORY} lagi", id=OTHERS[0]), Article("lain", id=OTHERS[1]))
    assert data.is_test.tolist() == [True, True, False]


def test_a_story_that_is_told_very_often_stays_in_the_test():
    told = [Article(STORY, id=DRAWN[0]), *[Article(f"{STORY} x{id_}", id=id_) for id_ in OTHERS[:150]]]
    assert dataset(*told[:10]).is_test.all()
    assert dataset(*told).is_test[:10].all()
