"""Repair and normalisation against Python's own Unicode database."""

import unicodedata
from itertools import pairwise

import pytest
import strategies
from hypothesis import example, given
from hypothesis import strategies as st

from features.offsets import Edit, apply_edits
from features.unicode import normalisation_edits, repair_edits

COMBINING = st.text(
    st.sampled_from(
        "aeA ½ﬁÅ\u212b\uff21\u0301\u0323\u0308\u0345\u1112\u1161\u11ab한\u0bc7\u0bbe\u09c7\u09be\ufdfa\u3099か\u00b4\u00a0"
    )
)
WITHOUT_SURROGATES = st.text() | COMBINING


def repaired(text):
    return apply_edits(text, repair_edits(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("â€œDamaiâ€\x9d", "“Damai”"),
        ("Jumâ€™at", "Jum’at"),
        ("CafÃ©", "Café"),
        ("\ufeffRusia", "Rusia"),
        ("ï»¿Rusia", "Rusia"),
        ("S\\xa0400", "S 400"),
        ("\\u201cya\\u201d", "“ya”"),
        ("satu\\ndua", "satu\ndua"),
        ("satu\r\ndua\rtiga\x85empat\u2028lima", "satu\ndua\ntiga\nempat\nlima"),
        ("ru\u00addal ru\u200bdal", "rudal rudal"),
        ("a\x00b\x1bc\x7fd\x9fe", "a b c d e"),
        ("a\ud800b", "a\ufffdb"),
        ("Jum´at", "Jum'at"),
        ("tab\tstays", "tab\tstays"),
    ],
)
def test_damage_is_repaired(text, expected):
    assert repaired(text) == expected


@pytest.mark.parametrize("text", ["Rusia kirim S-400.\n\tTiba", "Erdoğan — “ya”", "漢字 🚀", "C:/data"])
def test_sound_text_needs_no_repair(text):
    assert repair_edits(text) == []


@given(strategies.texts)
def test_repair_leaves_no_control_character_and_no_surrogate(text):
    bad = [char for char in repaired(text) if unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t"]
    assert bad == []


@given(WITHOUT_SURROGATES)
@example("a\u1112\u1161\u11ab")
@example("e\u0323\u0301")
@example("\u0301ﬁ")
def test_normalisation_gives_nfkc(text):
    assert apply_edits(text, normalisation_edits(text)) == unicodedata.normalize("NFKC", text)


@given(WITHOUT_SURROGATES)
def test_normalised_text_needs_no_edit(text):
    assert normalisation_edits(unicodedata.normalize("NFKC", text)) == []


@given(strategies.texts | COMBINING)
def test_edits_are_in_order_and_replace_something(text):
    sound = repaired(text)
    for source, edits in ((text, repair_edits(text)), (sound, normalisation_edits(sound))):
        assert all(0 <= edit.start < edit.end <= len(source) for edit in edits)
        assert all(source[edit.start : edit.end] != edit.text for edit in edits)
        assert all(left.end <= right.start for left, right in pairwise(edits))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("éèﬁ漢", [Edit(2, 3, "fi")]),
        ("e\u0301", [Edit(0, 2, "é")]),
        ("Ａ１", [Edit(0, 1, "A"), Edit(1, 2, "1")]),
        ("x\u00a0y", [Edit(1, 2, " ")]),
    ],
)
def test_an_edit_covers_only_what_changes(text, expected):
    assert normalisation_edits(text) == expected
