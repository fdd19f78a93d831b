"""An article as it is sent, and the document that features are computed from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from features.entities import Entity
from features.language import detect_languages
from features.text import CleanText, clean_all

MAX_CHARACTERS = 200_000
"""Code points that a text may have as it is sent."""


@dataclass(frozen=True, slots=True)
class Article:
    """A news article.

    Attributes
    ----------
    text : str
        Its body, as it was sent.
    title, id, language, url, published : str or None
        What else is known of it.
    """

    text: str
    title: str | None = None
    id: str | None = None
    language: str | None = None
    url: str | None = None
    published: str | None = None

    @classmethod
    def from_mapping(cls, row: Mapping[str, Any]) -> Article:
        """Make an article of a mapping; keys that an article does not have are passed over."""
        return cls(
            row["text"], *(_text_or_none(row.get(key)) for key in ("title", "id", "language", "url", "published"))
        )


def _text_or_none(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def as_articles(X: Any) -> list[Article]:
    """Turn what callers hold into articles.

    Parameters
    ----------
    X : data frame with a column ``text``, or iterable of Article, mapping or str
        The articles.

    Returns
    -------
    list of Article
        In the same order.

    Raises
    ------
    TypeError
        If an element is none of these.
    """
    if hasattr(X, "to_dict") and hasattr(X, "columns"):
        X = X.to_dict("records")
    return [_as_article(item, place) for place, item in enumerate(X)]


def _as_article(item: Any, place: int) -> Article:
    if isinstance(item, Article):
        return item
    if isinstance(item, str):
        return Article(item)
    if isinstance(item, Mapping):
        return Article.from_mapping(item)
    raise TypeError(
        f"article {place} is of type {type(item).__name__}; expected an Article, a mapping with 'text', or a string"
    )


class Span(NamedTuple):
    """Characters of an article: ``field[start:end]`` of what was sent."""

    field: str
    start: int
    end: int


class Document(NamedTuple):
    """A cleaned article.

    Attributes
    ----------
    article : Article
        As it was sent.
    title, body : CleanText
        Cleaned, with their ways back.
    text : str
        Both in one, what features are computed from; the body begins at `body_start`.
    body_start, lead_end : int
        Offsets in code points: where the headline ends, and where the lead does.
    language : str
        ``id``, ``en``, or ``und`` where it is neither.
    """

    article: Article
    title: CleanText
    body: CleanText
    text: str
    body_start: int
    lead_end: int
    language: str

    @classmethod
    def of(cls, article: Article) -> Document:
        """Clean an article and find its language."""
        return documents_of([article])[0]

    @property
    def is_empty(self) -> bool:
        """Whether no letter or digit of the body is left after cleaning."""
        return not any(char.isalnum() for char in self.body.text)

    def source_span(self, start: int, end: int) -> Span:
        """Return where the characters ``text[start:end]`` stand in the article as it was sent.

        Parameters
        ----------
        start, end : int
            Offsets in code points, ``start < end``; a span that begins in the title ends there.

        Returns
        -------
        Span
            Field and offsets in code points.
        """
        if start >= self.body_start:
            return Span("text", *self.body.source_span(start - self.body_start, end - self.body_start))
        return Span("title", *self.title.source_span(start, min(end, len(self.title.text))))


def as_documents(X: Any) -> list[Document]:
    """Turn articles into documents; documents pass through, so that work is not done twice."""
    if isinstance(X, (str, Article, Document)):
        raise TypeError(f"a single {type(X).__name__}; expected a list of articles")
    items: list[Any] = list(as_articles(X) if hasattr(X, "to_dict") else X)
    places = [place for place, item in enumerate(items) if not isinstance(item, Document)]
    made = documents_of([_as_article(items[place], place) for place in places])
    for place, document in zip(places, made, strict=True):
        items[place] = document
    return items


def documents_of(articles: Sequence[Article]) -> list[Document]:
    """Clean articles and find their language."""
    titles = clean_all([article.title or "" for article in articles], boilerplate=False)
    bodies = clean_all([article.text for article in articles])
    heads = [f"{title.text}\n\n" if title.text.strip() else "" for title in titles]
    texts = [head + body.text for head, body in zip(heads, bodies, strict=True)]
    untold = [text for article, text in zip(articles, texts, strict=True) if not article.language]
    told = iter(detect_languages(untold))
    return [
        Document(article, title, body, text, len(head), _lead_end(text, len(head)), article.language or next(told))
        for article, title, body, text, head in zip(articles, titles, bodies, texts, heads, strict=True)
    ]


_HEADLINE = 160
"""A first line of at most so many characters, without a full stop, is a headline."""
_LEAD = (150, 500)
"""Characters that a lead has at least and at most; news puts its point into the first one or two sentences."""
_SENTENCE_END = re.compile(r"[.!?][\"”’')]*(?=\s+[\"“‘'(]?[A-Z0-9]|[A-Z])|\n")


def _lead_end(text: str, start: int) -> int:
    """Return where the lead of a text ends whose body begins at `start`."""
    if start == 0:
        # The article came as one string: its first line may be the headline.
        line_end = text.find("\n", 0, _HEADLINE + 1)
        if line_end > 0 and not text[:line_end].rstrip().endswith((".", ",", ";", ":")):
            start = line_end
    while start < len(text) and text[start].isspace():
        start += 1
    end = _SENTENCE_END.search(text, start + _LEAD[0], start + _LEAD[1])
    return end.end() if end else min(len(text), start + _LEAD[1])


class FoundEntity(NamedTuple):
    """An entity with the characters of the article that name it."""

    entity: Entity
    span: Span
    text: str


def locate(document: Document, entities: Iterable[Entity]) -> list[FoundEntity]:
    """Map entities of a document's text to the article as it was sent."""
    found = []
    for entity in entities:
        span = document.source_span(entity.start, entity.end)
        source = document.article.text if span.field == "text" else document.article.title or ""
        found.append(FoundEntity(entity, span, source[span.start : span.end]))
    return found
