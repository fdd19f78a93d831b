"""Words that tell what happens."""

import pytest

from features.events import EventLexicon, lexicon_source, load_lexicon

SMALL = '[transfer]\nid = ["kirim", "serah terima"]\nen = ["deliver"]\n[attack]\nid = ["serang"]\n'


def found(lexicon, *texts):
    return lexicon.find(texts).tolist()


def test_words_are_found_with_text_start_sentence_event_and_end():
    lexicon = EventLexicon(SMALL)
    assert lexicon.events == ("transfer", "attack")
    assert found(lexicon, "Rusia kirim rudal. Lalu SERANG", "tidak", "They deliver") == [
        [0, 6, 0, 0, 11],
        [0, 24, 1, 1, 30],
        [2, 5, 0, 0, 12],
    ]


def test_a_phrase_is_one_word():
    assert found(EventLexicon(SMALL), "serah terima; terima") == [[0, 0, 0, 0, 12]]


@pytest.mark.parametrize(
    "source", ["transfer = 3", "[transfer]", "[transfer]\nid = []", "[transfer]\nid = [3]", '[transfer]\nid = [""]']
)
def test_a_bad_table_is_named(source):
    with pytest.raises(ValueError, match=r"lexicon: \[transfer\] holds .*expected lists of words"):
        EventLexicon(source)


@pytest.mark.parametrize("source", ["[transfer]\nid = 3", "[transfer.id]\na = 1"])
def test_a_language_that_is_no_list_is_named(source):
    with pytest.raises(ValueError, match=r"lexicon: \[transfer\]"):
        EventLexicon(source)


def test_each_word_of_the_embedded_lexicon_is_found():
    lexicon = load_lexicon(lexicon_source())
    assert {"transfer", "agreement", "talk", "attack", "drill", "sanction", "nuclear"} <= set(lexicon.events)
    for text, event in [("Rusia mengirim rudal", "transfer"), ("Iran menyerang kapal", "attack"), ("a truce", "talk")]:
        assert [lexicon.events[row[3]] for row in found(lexicon, text)] == [event]
