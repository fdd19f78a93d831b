"""Articles as callers hold them, and documents with their way back."""

import numpy as np
import pandas as pd
import pytest
import strategies
from hypothesis import given

from features.article import Article, Document, Span, as_articles, as_documents, locate
from features.entities import Entity

TITLE, TEXT = "Ｒusia kirim S-400", "MOSKOW, WartaKini.com -- Rusia kirim\xa0S-400"


def test_a_mapping_gives_what_an_article_has():
    row = {"text": "t", "title": "T", "id": "1", "language": "id", "url": "u", "published": "p", "labels": ["x"]}
    assert Article.from_mapping(row) == Article("t", "T", "1", "id", "u", "p")


@pytest.mark.parametrize("nothing", [None, "", float("nan"), 7])
def test_what_is_no_text_is_nothing(nothing):
    assert Article.from_mapping({"text": "t", "title": nothing}).title is None


@pytest.mark.parametrize(
    "X",
    [
        [Article("satu", "S"), Article("dua")],
        [{"text": "satu", "title": "S"}, {"text": "dua"}],
        pd.DataFrame({"text": ["satu", "dua"], "title": ["S", np.nan]}),
        ({"text": text, "title": title} for text, title in (("satu", "S"), ("dua", ""))),
    ],
    ids=["articles", "mappings", "data frame", "generator"],
)
def test_articles_come_in_many_forms(X):
    assert as_articles(X) == [Article("satu", "S"), Article("dua")]


def test_strings_are_articles_without_a_title():
    assert as_articles(["satu", "dua"]) == [Article("satu"), Article("dua")]


@pytest.mark.parametrize("make", [as_articles, as_documents])
def test_anything_else_is_refused_with_its_place(make):
    with pytest.raises(TypeError, match="article 1 is of type int; expected an Article"):
        make(["satu", 2])


def test_documents_pass_through():
    documents = as_documents(["satu", "dua"])
    assert all(before is after for before, after in zip(documents, as_documents(documents), strict=True))


@pytest.mark.parametrize("container", [tuple, iter], ids=["tuple", "iterator"])
def test_documents_pass_through_whatever_holds_them(container):
    documents = as_documents(["satu", "dua"])
    assert as_documents(container(documents)) == documents


def test_title_and_body_are_one_text():
    document = Document.of(Article("MOSKOW, WartaKini.com -- Rusia menang", "Menang"))
    assert document.text == "Menang\n\nRusia menang"
    assert document.text[document.body_start :] == "Rusia menang"


@pytest.mark.parametrize("title", [None, "", " \n", "\u200b"])
def test_without_a_title_the_text_is_the_body(title):
    document = Document.of(Article("Rusia menang", title))
    assert (document.text, document.body_start) == ("Rusia menang", 0)


def test_the_language_that_was_sent_holds():
    text = "Rusia akan mengirim rudal itu ke India"
    assert [Document.of(Article(text, language=sent)).language for sent in (None, "en")] == ["id", "en"]


@pytest.mark.parametrize(
    ("text", "empty"),
    [("", True), (" … —", True), ("Baca juga: Harga Emas", True), ("\ud800", True), ("7", False), ("Rusia", False)],
)
def test_a_document_without_letter_or_digit_is_empty(text, empty):
    assert Document.of(Article(text, "Judul")).is_empty == empty


@given(strategies.texts, strategies.texts | strategies.pages)
def test_every_character_is_found_in_the_field_it_was_sent_in(title, text):
    article = Article(text, title)
    document = Document.of(article)
    separator = range(len(document.title.text), document.body_start)
    for place in range(len(document.text)):
        if document.body_start and place in separator:
            continue
        field, start, end = document.source_span(place, place + 1)
        assert field == ("text" if place >= document.body_start else "title")
        assert 0 <= start < end <= len(getattr(article, field))


def test_a_span_that_begins_in_the_title_ends_there():
    document = Document.of(Article("Rusia", "Judul"))
    assert document.source_span(3, 10) == Span("title", 3, 5)


def test_entities_are_located_in_what_was_sent():
    document = Document.of(Article(TEXT, TITLE))
    entities = [Entity(k, k + 5, "x", "x", "x", 0) for k in (12, 19, 31)]
    found = locate(document, entities)
    assert [item.text for item in found] == ["S-400", "Rusia", "S-400"]
    assert [item.span.field for item in found] == ["title", "text", "text"]
    sent = {"title": TITLE, "text": TEXT}
    assert all(sent[item.span.field][item.span.start : item.span.end] == item.text for item in found)
    assert [item.entity for item in found] == entities
