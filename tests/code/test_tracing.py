"""Every feature of an article is found again in its text."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.article import Article, Document
from features.events import load_lexicon
from features.tracing import ColumnNames, find_cues, trace_article, word_spans
from tests.code.strategies import pages, texts

PLACELESS = {"entity:different-countries", "entity:two-countries"}
NEWS = ["Rusia", "Indonesia", "Turki-lah", "TNI AL", "rudal", "S-400", "membeli", "menyerang", "tembak jatuh", "NATO"]
news = st.lists(st.sampled_from([*NEWS, "dan", ".", "\n", "<b>", "</b>", "&amp;", "🚀"]), max_size=40).map(" ".join)


@pytest.fixture(scope="module")
def features(tiny_classifier):
    return tiny_classifier.features_


def traced(features, document):
    computed = features.compute([document])
    return computed.matrix, trace_article(features, document, computed.mentions)


@settings(max_examples=60)
@given(text=st.one_of(news, pages, texts), title=st.none() | news)
def test_every_column_has_its_places(features, text, title):
    document = Document.of(Article(text, title))
    matrix, places = traced(features, document)
    names = ColumnNames(features)
    assert set(matrix.indices.tolist()) - set(places.columns.tolist()) <= {
        column for column in matrix.indices.tolist() if names[column] in PLACELESS
    }
    # The other way round, too: nothing is traced that was not counted.
    assert set(places.columns.tolist()) <= set(matrix.indices.tolist())
    assert (places.starts >= 0).all()
    assert (places.starts < places.ends).all()
    assert (places.ends <= len(document.text)).all()
    sums = np.bincount(places.columns, places.shares)
    np.testing.assert_allclose(sums[sums > 0], 1)


@settings(max_examples=60)
@given(text=news, title=st.none() | news)
def test_as_many_occurrences_of_entities_and_events_as_were_counted(features, text, title):
    document = Document.of(Article(text, title))
    matrix, places = traced(features, document)
    first = matrix.shape[1] - len(features.entity_features_.get_feature_names_out())
    smallest = {}
    for column, share in zip(places.columns.tolist(), places.shares.tolist(), strict=True):
        smallest[column] = min(share, smallest.get(column, 1))
    names = ColumnNames(features)
    for column, value in zip(matrix.indices.tolist(), matrix.data.tolist(), strict=True):
        name = names[column]
        if column >= first and name not in PLACELESS | {"entity:indonesia"} and "+" not in name:
            assert round(np.expm1(value / features.entity_weight)) == round(1 / smallest[column]), name


def spans_of(features, text, name):
    document = Document.of(Article(text))
    _, places = traced(features, document)
    column = features.get_feature_names_out().tolist().index(name)
    return {
        (document.text[start:end], share)
        for start, end, share in zip(
            places.starts[places.columns == column].tolist(),
            places.ends[places.columns == column].tolist(),
            places.shares[places.columns == column].round(3).tolist(),
            strict=True,
        )
    }


def test_a_pair_is_the_words_and_the_names_of_its_sentences(features):
    text = "Rusia membeli rudal. Turki diam. China menjual rudal dan rudal."
    assert spans_of(features, text, "event:transfer+weapon") == {
        ("membeli", 0.25),
        ("rudal", 0.25),
        ("menjual", 0.167),
        ("rudal", 0.167),
    }


def test_a_state_is_found_wherever_it_is_named(features):
    assert spans_of(features, "Indonesia dan Turki. Indonesia lagi.", "entity:indonesia") == {("Indonesia", 0.5)}


def test_masked_ngrams_lead_back_to_the_names(features):
    text = "Rusia kirim S-400 ke Turki"
    document = Document.of(Article(text))
    _, places = traced(features, document)
    first = 2 * 4096
    hidden = (places.columns >= first) & (places.columns < first + features.masked_ngrams_.n_features)
    spans = {text[start:end] for start, end in zip(places.starts[hidden], places.ends[hidden], strict=True)}
    assert spans == {
        "Rusia kirim",
        "kirim S-400",
        "S-400 ke",
        "ke Turki",
        "Rusia kirim S-400",
        "kirim S-400 ke",
        "S-400 ke Turki",
    }


@settings(max_examples=60)
@given(text=st.one_of(news, texts))
def test_cues_are_those_of_the_lexicon_with_their_ends(features, text):
    lexicon = load_lexicon(features.lexicon_)
    cues = find_cues(lexicon, text)
    assert [(0, cue.start, cue.sentence, lexicon.events.index(cue.event), cue.end) for cue in cues] == [
        tuple(row) for row in lexicon.find([text]).tolist()
    ]
    assert all(cue.start < cue.end <= len(text) for cue in cues)


def test_a_cue_ends_before_its_clitic(features):
    text = "pembeliannya dan tembak jatuh"
    found = [text[cue.start : cue.end] for cue in find_cues(load_lexicon(features.lexicon_), text)]
    assert found == ["pembelian", "tembak jatuh"]


def test_words_are_those_of_the_ngrams():
    text = "Kapal-kapal TNI-AL, Jum'at; 😀 S-400."
    starts, ends = word_spans(text)
    assert [text[start:end] for start, end in zip(starts, ends, strict=True)] == [
        "Kapal-kapal",
        "TNI-AL",
        "Jum'at",
        "S-400",
    ]


def test_single_names_are_those_of_all_columns(features):
    names = ColumnNames(features)
    every = features.get_feature_names_out().tolist()
    assert [names[column] for column in range(len(every))] == every
