"""The tables against Python's own Unicode database."""

import sys
import unicodedata

import numpy as np
import pytest
import reference

from features.characters import (
    IGNORABLE,
    JOINER,
    SEPARATOR,
    WORD,
    base_letter,
    character_class,
    character_tables,
    fold,
    name_tables,
)

ALL = range(sys.maxunicode + 1)


def look_up(table, tables):
    points = np.arange(sys.maxunicode + 1)
    return table[(tables.page[points >> 8].astype(np.int64) << 8) | (points & 0xFF)]


def expected_class(char):
    if reference.is_joiner(char):
        return JOINER
    if reference.is_ignorable(char):
        return IGNORABLE
    return WORD if reference.is_word_character(char) else SEPARATOR


def test_table_holds_the_class_of_every_code_point():
    tables = character_tables()
    expected = np.fromiter((expected_class(chr(point)) for point in ALL), np.uint8, len(ALL))
    wrong = np.flatnonzero(look_up(tables.kind, tables) != expected)
    assert [hex(point) for point in wrong[:10]] == []


def test_table_folds_every_character_of_words():
    tables = character_tables()
    kind, written = look_up(tables.kind, tables), look_up(tables.written, tables)
    inside = np.flatnonzero((kind == WORD) | (kind == JOINER)).tolist()
    assert [hex(point) for point in inside if chr(written[point]) != reference.fold(chr(point))] == []
    assert set(written[kind == SEPARATOR].tolist()) == {ord(" ")}
    assert set(written[kind == IGNORABLE].tolist()) == {0}


def test_name_table_folds_every_letter_to_its_base():
    tables = name_tables()
    kind, written = look_up(tables.kind, tables), look_up(tables.written, tables)
    letters = [point for point in ALL if chr(point).isalpha()]
    assert [hex(point) for point in letters if not kind[point] or chr(written[point]) != base_letter(chr(point))] == []


def test_name_table_writes_letters_as_letters_digits_as_digits_and_the_rest_as_neither():
    tables = name_tables()
    kind, written = look_up(tables.kind, tables), look_up(tables.written, tables)
    # The tokeniser takes every byte outside ASCII for a letter's, so that nothing else may be written outside ASCII.
    looks = np.where(written > 127, 1, [3 if chr(p).isdigit() else 1 if chr(p).isalpha() else 0 for p in written])
    assert np.flatnonzero(looks != np.where(kind == 2, 1, kind)).tolist() == []


@pytest.mark.parametrize(
    ("char", "expected"),
    [
        ("a", WORD),
        ("漢", WORD),
        ("٣", WORD),
        ("\u0301", WORD),
        ("-", JOINER),
        ("\u2011", JOINER),
        ("’", JOINER),
        ("\u200d", IGNORABLE),
        ("\u00ad", IGNORABLE),
        ("\ufe0f", IGNORABLE),
        ("—", SEPARATOR),
        ("_", SEPARATOR),
        ("\ud800", SEPARATOR),
    ],
)
def test_class_of_a_character(char, expected):
    assert character_class(char) == expected


@pytest.mark.parametrize(
    ("char", "expected"), [("Ä", "ä"), ("İ", "i"), ("‑", "-"), ("ʼ", "'"), ("漢", "漢"), ("𐐀", "𐐨")]
)
def test_fold_gives_one_lower_case_character(char, expected):
    assert fold(char) == expected


@pytest.mark.parametrize(("char", "expected"), [("ğ", "g"), ("É", "e"), ("ł", "l"), ("Ø", "o"), ("ﬁ", "f"), ("Đ", "d")])
def test_base_letter_drops_case_and_diacritics(char, expected):
    assert base_letter(char) == expected


def test_capitals_and_digits_of_names_are_told_apart():
    tables = name_tables()
    kind = look_up(tables.kind, tables)
    assert [int(kind[ord(char)]) for char in "aA7 -"] == [1, 2, 3, 0, 0]
    assert unicodedata.category("ǅ") == "Lt"
    assert kind[ord("ǅ")] == 1
