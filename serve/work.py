"""Classification in turns: what waits is done together, in pieces short enough that a worker stays responsive.

All of it happens on the event loop. A piece takes some ten milliseconds; between two of them come health checks, new
requests, and deadlines, so that work whose deadline has passed has ended. Requests that came while a piece was being
done are classified together: one call for sixteen articles costs a third of sixteen calls.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from features.article import Article, Document, documents_of
from serve.errors import RequestError

if TYPE_CHECKING:
    from serve.champion import Champion
    from train.registry import RegisteredClassifier

DEADLINE_SECONDS = float(os.environ.get("KAWAT_DEADLINE", "30"))
"""Seconds that a request may wait and work together."""
MAX_WAITING = int(os.environ.get("KAWAT_QUEUE", "256"))
"""Requests that may wait in one worker; a batch counts as one."""
_PIECE, _PIECE_CHARACTERS = 16, 40_000
"""Articles and characters of one piece of those that came singly."""
_BATCH_PIECE, _BATCH_CHARACTERS = 64, 120_000
"""Of a batch, whose sender waits for all of it anyway; a larger piece costs less an article."""


class Labelled(NamedTuple):
    """Results, in order, and the model that made them."""

    model: RegisteredClassifier
    results: list[dict[str, Any]]


class _Waiting(NamedTuple):
    article: Article
    done: asyncio.Future[Labelled]


class Desk:
    """Takes articles and labels them in turns.

    Parameters
    ----------
    champion : Champion
        Knows the model that serves.
    """

    def __init__(self, champion: Champion) -> None:
        self._champion = champion
        self._single: deque[_Waiting] = deque()
        self._scheduled = False
        self._waiting = 0
        self._batches = asyncio.Semaphore(2)

    def serving(self) -> RegisteredClassifier:
        """Return the model that serves now, or raise what `Champion.serving` does."""
        return self._champion.serving()

    async def one(self, article: Article) -> Labelled:
        """Label an article together with the others that wait.

        Parameters
        ----------
        article : Article
            As it was sent.

        Returns
        -------
        Labelled
            One result.

        Raises
        ------
        RequestError
            400 if nothing is left of the text, 503 if too many wait, 504 if it did not come to its turn in time.
        """
        async with _Turn(self):
            loop = asyncio.get_running_loop()
            waiting = _Waiting(article, loop.create_future())
            self._single.append(waiting)
            if not self._scheduled:
                self._scheduled = True
                loop.call_soon(self._piece)
            return await waiting.done

    async def many(self, articles: Sequence[Article]) -> Labelled:
        """Label articles with one and the same model, piece by piece.

        Parameters
        ----------
        articles : sequence of Article
            As they were sent.

        Returns
        -------
        Labelled
            A result for each.

        Raises
        ------
        RequestError
            400 if nothing is left of a text, 503 if too many wait, 504 if the work was not done in time.
        """
        async with _Turn(self), self._batches:
            model = self.serving()
            results: list[dict[str, Any]] = []
            while len(results) < len(articles):
                start = len(results)
                piece = _first(articles[start : start + _BATCH_PIECE], _BATCH_CHARACTERS)
                locs = [("articles", start + k, "text") for k in range(len(piece))]
                results += results_of(model, documents_at(piece, locs))
                await asyncio.sleep(0)
            return Labelled(model, results)

    async def apart(self, work: Callable[[RegisteredClassifier], Generator[None, None, Labelled]]) -> Labelled:
        """Do work of another kind, step by step.

        Parameters
        ----------
        work : callable
            Takes the model that serves; returns a generator that yields between its steps.

        Returns
        -------
        Labelled
            What the generator returns.

        Raises
        ------
        RequestError
            503 if too many wait, 504 if it did not come to its turn in time, or what `work` raises.
        """
        async with _Turn(self):
            steps = work(self.serving())
            while True:
                await asyncio.sleep(0)
                try:
                    next(steps)
                except StopIteration as end:
                    return end.value  # type: ignore[no-any-return]

    def _piece(self) -> None:
        """Label the first of those that wait; the others' turn is after what else the loop has to do."""
        taken = [self._single.popleft() for _ in range(min(_PIECE, len(self._single)))]
        piece = _first([waiting.article for waiting in taken], _PIECE_CHARACTERS)
        self._single.extendleft(reversed(taken[len(piece) :]))
        if self._single:
            asyncio.get_running_loop().call_soon(self._piece)
        else:
            self._scheduled = False
        # Whose deadline has passed, or whose sender has gone, is not worked for.
        ready = _prepared([waiting for waiting in taken[: len(piece)] if not waiting.done.done()])
        if not ready:
            return
        try:
            _answer(self.serving(), ready)
        except Exception:
            # One of them failed; the others shall not suffer for it.
            for pair in ready:
                try:
                    _answer(self.serving(), [pair])
                except Exception as error:
                    pair[0].done.set_exception(error)


class _Turn:
    """A place among those that wait, with a deadline."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._timeout = asyncio.timeout(DEADLINE_SECONDS)

    async def __aenter__(self) -> None:
        if self._desk._waiting >= MAX_WAITING:
            raise RequestError(
                503, f"{MAX_WAITING} requests are waiting already; try again", headers={"Retry-After": "1"}
            )
        self._desk._waiting += 1
        await self._timeout.__aenter__()

    async def __aexit__(self, *error: Any) -> None:
        self._desk._waiting -= 1
        try:
            await self._timeout.__aexit__(*error)
        except TimeoutError:
            raise RequestError(
                504, f"not done within {DEADLINE_SECONDS:g} seconds, and given up; send fewer articles at a time"
            ) from None


def _first(articles: Sequence[Article], most: int) -> Sequence[Article]:
    """Return so many of the articles as have at most so many characters, at least one."""
    characters = 0
    for count, article in enumerate(articles):
        characters += len(article.text)
        if count and characters > most:
            return articles[:count]
    return articles


def _prepared(waiting: Sequence[_Waiting]) -> list[tuple[_Waiting, Document]]:
    """Return those whose articles can be classified, cleaned; the others are told why not."""
    try:
        documents = documents_at([one.article for one in waiting], [("text",)] * len(waiting))
        return list(zip(waiting, documents, strict=True))
    except Exception as error:
        if len(waiting) == 1:
            waiting[0].done.set_exception(error)
            return []
        # One of them failed; the others shall not suffer for it.
        return [pair for one in waiting for pair in _prepared([one])]


def _answer(model: RegisteredClassifier, ready: Sequence[tuple[_Waiting, Document]]) -> None:
    for (waiting, _), result in zip(ready, results_of(model, [document for _, document in ready]), strict=True):
        waiting.done.set_result(Labelled(model, [result]))


def document_of(article: Article, loc: tuple[str | int, ...]) -> Document:
    """Clean an article; see `documents_at`."""
    return documents_at([article], [loc])[0]


def documents_at(articles: Sequence[Article], locs: Sequence[tuple[str | int, ...]]) -> list[Document]:
    """Clean articles.

    Parameters
    ----------
    articles : sequence of Article
        As they were sent.
    locs : sequence of tuple of str and int
        Where in the body the text of each stands.

    Returns
    -------
    list of Document
        What the classifier takes.

    Raises
    ------
    RequestError
        400 if nothing is left of a text.
    """
    documents = documents_of(articles)
    for document, loc in zip(documents, locs, strict=True):
        if document.is_empty:
            message = "no letter or digit is left of the text after cleaning; send the article's body"
            raise RequestError(400, message, loc)
    return documents


def results_of(model: RegisteredClassifier, documents: Sequence[Document]) -> list[dict[str, Any]]:
    """Return what the contract calls results."""
    return [result.as_json() | {"model": model.reference} for result in model.classifier.classify(documents)]
