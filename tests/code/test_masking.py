"""Texts in which entities stand as their types."""

from hypothesis import given
from hypothesis import strategies as st
from test_entities import ENTRIES, names

from features.entities import EntityMatcher
from features.masking import mask_edits, masked


def mask(texts, n_chars=10_000):
    mentions = EntityMatcher(ENTRIES).fit().mentions(texts)
    return masked([text[:n_chars] for text in texts], mask_edits(mentions, n_chars))


def test_names_become_types():
    texts = ["Rusia kirim rudal ke AS", "tanpa nama", "", "Moskow"]
    assert [" ".join(text.split()) for text in mask(texts)] == [
        "COUNTRY kirim WEAPON ke COUNTRY",
        "tanpa nama",
        "",
        "CITY",
    ]


def test_names_that_are_glued_to_something_stand_apart():
    assert mask(["Rusia-AS"]) == [" COUNTRY - COUNTRY "]


def test_a_name_that_is_cut_off_stays():
    assert mask(["di Rusia"], 7) == ["di Rusi"]
    assert mask(["di Rusia dan AS"], 8) == ["di  COUNTRY "]


@given(st.lists(names, max_size=4))
def test_every_entity_is_masked_once(texts):
    found = EntityMatcher(ENTRIES).fit().find_all(texts)
    for text, entities in zip(mask(texts), found, strict=True):
        types = [word.lower() for word in text.split() if word.lower() in {entry.type for entry in ENTRIES}]
        assert types == [entity.type for entity in entities]
