"""Parts of a data set that figures are looked at separately for."""

import numpy as np
import pytest

from features.article import Article, Document
from train.slices import FEWEST, slices


def documents(n: int, **values) -> list[Document]:
    return [Document.of(Article(**{"text": f"Rudal nomor {k}.", "language": "id"} | values)) for k in range(n)]


def test_parts_by_language_and_length_hold_the_right_articles():
    long = "Armada berlayar ke utara. " * 80
    found = slices([*documents(30), *documents(25, language="en", text=long)])
    assert {name: rows.sum() for name, rows in found.items()} == {
        "language.en": 25,
        "language.id": 30,
        "length.under-500": 30,
        "length.from-1500": 25,
    }
    assert np.flatnonzero(found["language.en"]).tolist() == list(range(30, 55))


@pytest.mark.parametrize(("characters", "part"), [(499, "under-500"), (500, "500-to-1499"), (1500, "from-1500")])
def test_the_edges_of_the_lengths(characters, part):
    found = slices(documents(FEWEST, text="a" * characters))
    assert [name for name in found if name.startswith("length")] == [f"length.{part}"]


def test_years_are_read_from_published_where_there_is_one():
    dated = [*documents(20, published="2024-05-01"), *documents(22, published="Senin, 3 Maret 2025 10:41 WIB")]
    found = slices([*dated, *documents(40, published="kemarin"), *documents(40)])
    assert {name: rows.sum() for name, rows in found.items() if name.startswith("year")} == {
        "year.2024": 20,
        "year.2025": 22,
    }


def test_a_part_of_too_few_articles_is_left_out():
    assert slices(documents(FEWEST - 1)) == {}
