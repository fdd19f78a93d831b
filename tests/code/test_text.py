"""Clean text and its way back."""

import unicodedata

import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

from features.boilerplate import boilerplate_edits
from features.html import html_edits
from features.text import clean
from features.unicode import normalisation_edits, repair_edits

SOURCES = strategies.texts | strategies.pages


def single_spans(cleaned):
    return [cleaned.source_span(k, k + 1) for k in range(len(cleaned.text))]


@given(SOURCES, st.booleans())
def test_every_character_comes_from_somewhere_in_the_source(source, boilerplate):
    spans = single_spans(clean(source, boilerplate=boilerplate))
    assert all(0 <= start < end <= len(source) for start, end in spans)
    assert spans == sorted(spans)


@given(SOURCES, st.data())
def test_a_span_covers_what_its_parts_cover(source, data):
    cleaned = clean(source)
    spans = single_spans(cleaned)
    if spans:
        start = data.draw(st.integers(0, len(spans) - 1))
        end = data.draw(st.integers(start + 1, len(spans)))
        assert cleaned.source_span(start, end) == (spans[start][0], spans[end - 1][1])


def origins_through_steps(source):
    """Return the clean text as (character, source start, source end), each step carried out by hand."""
    chars = [(char, place, place + 1) for place, char in enumerate(source)]
    for step in (html_edits, repair_edits, normalisation_edits, boilerplate_edits):
        done, at = [], 0
        for edit in step("".join(char for char, _, _ in chars)):
            done += chars[at : edit.start]
            done += [(char, chars[edit.start][1], chars[edit.end - 1][2]) for char in edit.text]
            at = edit.end
        chars = done + chars[at:]
    return chars


@given(SOURCES)
def test_the_way_back_leads_through_every_step_in_turn(source):
    cleaned = clean(source)
    expected = origins_through_steps(source)
    assert cleaned.text == "".join(char for char, _, _ in expected)
    assert single_spans(cleaned) == [(start, end) for _, start, end in expected]


@given(SOURCES, st.booleans())
def test_clean_text_is_in_nfkc_without_control_characters(source, boilerplate):
    text = clean(source, boilerplate=boilerplate).text
    assert unicodedata.is_normalized("NFKC", text)
    assert {char for char in text if unicodedata.category(char) in ("Cc", "Cs")} <= set("\n\t")


@given(st.text("abcdefg .,\n", max_size=80))
def test_text_with_nothing_to_clean_is_unchanged(source):
    cleaned = clean(source)
    assert cleaned == (source, ())


@pytest.mark.parametrize(
    "source",
    [
        'Presiden Rusia Vladimir Putin tiba di Teheran, Senin (3/2).\n\n"Kami sepakat," katanya.',
        "Foto itu memperlihatkan rudal.\nLihat saja apa yang terjadi di Gaza.",
        "Erdoğan, Xi Jinping dan Kim Jong-un bertemu — untuk pertama kali.",
        "",
    ],
)
def test_ordinary_articles_are_unchanged(source):
    assert clean(source) == (source, ())


def test_every_step_leaves_a_map():
    source = "\ufeffMOSKOW, WartaKini.com -- Ｒusia kirim\xa0S-400"
    cleaned = clean(source)
    assert cleaned.text == "Rusia kirim S-400"
    assert len(cleaned.maps) == 3
    assert source[slice(*cleaned.source_span(0, 5))] == "Ｒusia"
    assert source[slice(*cleaned.source_span(12, 17))] == "S-400"


def test_a_title_keeps_what_an_article_would_lose():
    title = "MOSKOW, WartaKini.com -- Rusia"
    assert clean(title, boilerplate=False).text == title
    assert clean(title).text == "Rusia"


def test_half_a_surrogate_pair_becomes_a_replacement_character():
    cleaned = clean("rudal \ud83d tiba")
    assert cleaned.text == "rudal \ufffd tiba"
    assert cleaned.source_span(6, 7) == (6, 7)
