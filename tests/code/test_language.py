"""Which language a text is in."""

import pytest
import strategies
from hypothesis import given

from features.language import detect_language


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rusia akan mengirim rudal itu ke India pada tahun ini", "id"),
        ("Russia will send the missiles to India this year", "en"),
        ("Rusland stuurt dit jaar raketten naar India", "und"),
        ("La Russie va livrer les missiles en Inde cette année", "und"),
        ("Россия отправит ракеты в Индию", "und"),
        ("Menhan Bertemu Panglima, Membahas Pembelian Rudal", "id"),
        ("", "und"),
        ("1234 — 56", "und"),
        ("\ud800", "und"),
    ],
)
def test_language_is_told(text, expected):
    assert detect_language(text) == expected


def test_malay_is_neither():
    text = (
        "Beliau berkata bahawa kereta polis itu tidak boleh digunakan kerana syarikat berkenaan belum membayar wang. "
        "Siasatan dijalankan khamis dan isnin oleh pihak polis di Kuala Lumpur, cuma pemandu terbabit belum ditahan."
    )
    assert detect_language(text) == "und"


@pytest.mark.parametrize("word", ["Sabtu", "kereta", "boleh", "berkata"])
def test_a_word_that_indonesian_has_too_does_not_make_a_text_malay(word):
    text = f"Sebuah patroli gabungan disergap di Palmyra pada {word} siang dan tiga warga tewas dalam serangan itu"
    assert detect_language(text) == "id"


def test_case_does_not_count():
    text = "Rusia akan mengirim rudal itu ke India pada tahun ini"
    assert detect_language(text.upper()) == detect_language(text)


@given(strategies.texts)
def test_any_string_has_an_answer(text):
    assert detect_language(text) in ("id", "en", "und")


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_language_of_the_corpus_is_told(corpus, language):
    told = [detect_language(d.text) for d in corpus.documents if d.article.language == language]
    assert told.count(language) / len(told) >= 0.99
