"""The search for phrases, against a naive one and by example."""

import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

from features.phrases import Phrase, PhraseTable

VOCABULARY = ["ru", "si", "ta", "wo"]
phrases = st.lists(st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=3).map(" ".join), min_size=1, max_size=6)


def found(table, text):
    """Return what of `text` the table finds."""
    return [text[match.start : match.end] for match in table.find([text])]


def naive_search(phrases, words):
    """Return (first word, phrase) of the longest phrases from left to right; of two alike the first holds."""
    at, matches = 0, []
    while at < len(words):
        fits = [k for k, phrase in enumerate(phrases) if words[at : at + len(phrase)] == phrase]
        if fits:
            longest = max(len(phrases[k]) for k in fits)
            matches.append((at, next(k for k in fits if len(phrases[k]) == longest)))
        at += longest if fits else 1
    return matches


@given(phrases, st.lists(st.sampled_from(VOCABULARY), max_size=12))
def test_the_longest_phrases_are_found_from_left_to_right(texts, words):
    table = PhraseTable(Phrase(text, number) for number, text in enumerate(texts))
    matches = table.find([" ".join(words)])
    expected = naive_search([text.split() for text in texts], words)
    assert [(match.start // 3, match.value) for match in matches] == expected
    assert [match.n_tokens for match in matches] == [len(texts[k].split()) for _, k in expected]


@given(st.lists(strategies.texts, max_size=4))
def test_texts_are_searched_each_on_its_own(texts):
    table = PhraseTable([Phrase("rudal", 1), Phrase("S-400", 2), Phrase("TNI", 3, exact=True), Phrase("a", 4)])
    together = [match[1:] for match in table.find(texts)]
    assert together == [match[1:] for text in texts for match in table.find([text])]


@given(strategies.texts)
def test_matches_are_in_order_and_inside_the_text(text):
    matches = PhraseTable([Phrase("a", 1), Phrase("b", 2), Phrase("S-400", 3), Phrase("Rusia rudal", 4)]).find([text])
    bounds = [bound for match in matches for bound in (match.start, match.end)]
    assert bounds == sorted(bounds)
    assert all(0 <= match.start < match.end <= len(text) for match in matches)


@given(st.text(min_size=1).filter(lambda text: text.isalpha()), st.booleans())
def test_a_phrase_is_found_in_itself(text, exact):
    assert found(PhraseTable([Phrase(text, 0, exact)]), text) == [text]


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("F-16", "F16"),
        ("F16", "F 16"),
        ("F-16", "F-16C"),
        ("Erdoğan", "ERDOGAN"),
        ("Kim Jong-un", "kim jong un"),
        ("Prabowo", "Prabowo-lah"),
        ("S-400", "s-400"),
        ("AT&T", "AT & T"),
    ],
)
def test_case_diacritics_and_what_joins_do_not_count(phrase, text):
    assert found(PhraseTable([Phrase(phrase, 0)]), f"di {text} itu") == [text.removesuffix("-lah")]


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("F-16", "F-160"),
        ("F-16", "AF16"),
        ("Korea Utara", "Korea. Utara"),
        ("Korea Utara", "Korea, Utara"),
        ("Korea Utara", "Korea\nUtara"),
        ("Iran", "Iranian"),
        ("S-400", "S-40"),
    ],
)
def test_what_only_looks_alike_is_not_found(phrase, text):
    assert found(PhraseTable([Phrase(phrase, 0)]), f"di {text} itu") == []


@pytest.mark.parametrize("clitic", ["nya", "lah", "kah", "pun", "ku"])
def test_a_clitic_does_not_belong_to_the_match(clitic):
    assert found(PhraseTable([Phrase("rudal", 0)]), f"itu rudal{clitic} juga") == ["rudal"]


def test_case_counts_in_an_exact_phrase():
    table = PhraseTable([Phrase("Lima", 0, exact=True)])
    assert [found(table, text) for text in ("di Lima", "lima orang", "DI LIMA")] == [["Lima"], [], ["LIMA"]]


def test_diacritics_count_in_an_exact_phrase():
    assert found(PhraseTable([Phrase("Sol", 0, exact=True)]), "Söl Sol") == ["Sol"]


def test_a_slug_is_found_in_lower_case_where_a_line_has_no_capital():
    table = PhraseTable([Phrase("NATO", 0, exact=True, slug=True)])
    assert found(table, "nato kirim rudal") == ["nato"]
    assert found(table, "nato kirim Rudal") == []
    assert found(table, "nato kirim") == []
    assert found(table, "Rudal Tiba Lagi\nnato kirim rudal") == ["nato"]


def test_an_english_plural_may_follow():
    table = PhraseTable([Phrase("missile", 0, plural=True), Phrase("tank", 1)])
    assert found(table, "missiles and tanks") == ["missiles"]


def test_the_first_of_two_alike_holds():
    assert [m.value for m in PhraseTable([Phrase("F-16", 7), Phrase("f16", 8)]).find(["F 16"])] == [7]


def test_the_longer_phrase_wins():
    table = PhraseTable([Phrase("Korea", 0), Phrase("Korea Utara", 1)])
    assert found(table, "Korea Utara dan Korea") == ["Korea Utara", "Korea"]


def test_a_beginning_that_leads_nowhere_hides_nothing():
    table = PhraseTable([Phrase("Korea Utara Raya", 0), Phrase("Korea", 1), Phrase("Utara", 2)])
    assert [m.value for m in table.find(["Korea Utara lain"])] == [1, 2]


@pytest.mark.parametrize("phrase", ["Undang-Undang", "Undang-Undang Senjata", "Abdullah Abdullah", "Baden-Baden"])
def test_a_phrase_may_repeat_its_first_word(phrase):
    assert found(PhraseTable([Phrase(phrase, 0)]), f"kata {phrase} itu") == [phrase]


def test_the_order_of_words_counts():
    table = PhraseTable([Phrase("Korea Utara", 0), Phrase("Utara", 1)])
    assert [match.value for match in table.find(["Utara Korea dan Korea Utara"])] == [1, 0]


def test_sentences_are_counted():
    text = "Rusia kirim rudal. Iran diam!\nChina protes. Menurut Lt. Col. Rusia"
    table = PhraseTable([Phrase(name, 0) for name in ("Rusia", "Iran", "China")])
    assert [match.sentence for match in table.find([text])] == [0, 1, 2, 3]


def test_capitals_beside_a_match_are_told():
    table = PhraseTable([Phrase("Yordania", 0)])
    cases = ["Raja Yordania tiba", "raja Yordania Hussein", "raja Yordania, Hussein", "Raja  Yordania"]
    assert [tuple(table.find([case])[0][5:7]) for case in cases] == [
        (True, False),
        (False, True),
        (False, False),
        (False, False),
    ]


def test_no_phrases_find_nothing():
    assert PhraseTable([]).find(["Rusia", ""]) == []


def test_nothing_is_found_in_no_texts():
    table = PhraseTable([Phrase("Rusia", 0)])
    assert (table.find([]), table.find([""])) == ([], [])
