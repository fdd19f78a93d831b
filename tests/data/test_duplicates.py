"""Near-duplicates against a search by hand."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from train.duplicates import near_duplicate_groups

BASE = [f"kata{k}" for k in range(40)]


def naive_groups(texts):
    """Return the group of each text, as the smallest number in it."""
    shingles = [{tuple(words[k : k + 4]) for k in range(len(words) - 3)} for words in map(str.split, texts)]
    group = list(range(len(texts)))
    for i, left in enumerate(shingles):
        for j, right in enumerate(shingles[:i]):
            if left and right and len(left & right) >= 0.5 * min(len(left), len(right)):
                low, high = sorted((group[i], group[j]))
                group = [low if k == high else k for k in group]
    return group


def smallest_members(groups):
    return [int(np.flatnonzero(groups == group)[0]) for group in groups]


@settings(max_examples=40)
@example(["a a b a", "b b b a"])
@example(["a b b a b", "b b a b a"])
@given(st.lists(st.lists(st.sampled_from("abc"), max_size=9).map(" ".join), max_size=8))
def test_groups_are_those_of_a_search_by_hand(texts):
    assert smallest_members(near_duplicate_groups(texts)) == naive_groups(texts)


@pytest.mark.parametrize(
    ("left", "right", "alike"),
    [
        (BASE, BASE, True),
        (BASE, [word.upper() for word in BASE], True),
        (BASE, BASE[:10], True),
        (BASE, [*BASE[:36], "lain", *BASE[36:]], True),
        (BASE, BASE[::-1], False),
        (BASE, [f"lain{k}" for k in range(40)], False),
        (BASE, [*BASE[:10], *(f"lain{k}" for k in range(30))], False),
    ],
    ids=["copy", "case", "beginning", "insertion", "other order", "other words", "common beginning"],
)
def test_what_repeats_another_article_is_found(left, right, alike):
    groups = near_duplicate_groups([" ".join(left), " ".join(right)])
    assert (groups[0] == groups[1]) == alike


def test_a_duplicate_of_a_duplicate_belongs_to_the_group():
    texts = [" ".join(BASE[k : k + 16]) for k in (0, 6, 12)]
    assert len(set(near_duplicate_groups(texts[::2]))) == 2
    assert len(set(near_duplicate_groups(texts))) == 1


@pytest.mark.parametrize("copies", [2, 100, 101])
def test_any_number_of_copies_is_one_group(copies):
    groups = near_duplicate_groups([" ".join([*BASE, f"id{k}"]) for k in range(copies)])
    assert len(set(groups)) == 1


@pytest.mark.parametrize("texts", [[], [""], ["satu dua tiga"]])
def test_short_texts_are_each_alone(texts):
    assert near_duplicate_groups(texts).tolist() == list(range(len(texts)))


def test_a_stock_phrase_makes_no_duplicates():
    texts = [f"awal {k} berita a{k} b{k} c{k} d{k} simak berita terkini lainnya di sini" for k in range(150)]
    assert len(set(near_duplicate_groups(texts))) == 150
