"""What the POST routes do: a body becomes an answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError
from pydantic_core import to_json

from serve import metrics
from serve.errors import RequestError
from serve.schemas import Article, ArticleToExplain, Batch, BatchResult, ExplainedResult, Result

if TYPE_CHECKING:
    from serve.work import Desk, Labelled
    from train.registry import RegisteredClassifier


@dataclass(frozen=True, slots=True)
class Answer:
    """What a route says.

    Attributes
    ----------
    body : bytes
        JSON.
    noted : dict
        What the log keeps: model version, labels, length; never the text.
    """

    body: bytes
    noted: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Route:
    """A POST route.

    Attributes
    ----------
    takes, gives : types of BaseModel
        Schemas of its body and of its answer.
    work : coroutine function
        Takes the desk and the parsed body.
    """

    takes: type[BaseModel]
    gives: type[BaseModel]
    work: Callable[[Desk, Any], Awaitable[Answer]]

    async def answer(self, desk: Desk, body: bytes) -> Answer:
        """Parse a body and do the work.

        Raises
        ------
        RequestError
            400 if it does not fit the schema, or what the work raises.
        """
        try:
            parsed = self.takes.model_validate_json(body)
        except ValidationError as error:
            raise RequestError.of_validation(error) from None
        return await self.work(desk, parsed)


async def _classify(desk: Desk, article: Article) -> Answer:
    labelled = await desk.one(article.as_article())
    return Answer(to_json(labelled.results[0]), _noted(labelled, len(article.text)))


async def _classify_batch(desk: Desk, batch: Batch) -> Answer:
    labelled = await desk.many([article.as_article() for article in batch.articles])
    length = sum(len(article.text) for article in batch.articles)
    return Answer(to_json({"model": labelled.model.reference, "results": labelled.results}), _noted(labelled, length))


async def _explain(desk: Desk, article: ArticleToExplain) -> Answer:
    from serve.explain import explaining
    from serve.work import Labelled, document_of

    def work(model: RegisteredClassifier) -> Generator[None, None, Labelled]:
        document = document_of(article.as_article(), ("text",))
        result = yield from explaining(model.classifier, document, article.labels or ())
        return Labelled(model, [result | {"model": model.reference}])

    labelled = await desk.apart(work)
    return Answer(to_json(labelled.results[0]), _noted(labelled, len(article.text)))


def _noted(labelled: Labelled, length: int) -> dict[str, Any]:
    for result in labelled.results:
        metrics.count_result(result)
    labels = [result["labels"] for result in labelled.results]
    return {
        "model": labelled.model.version,
        "articles": len(labels),
        "labels": labels[0] if len(labels) == 1 else sorted({name for names in labels for name in names}),
        "length": length,
    }


ROUTES: Mapping[str, Route] = {
    "/classify": Route(Article, Result, _classify),
    "/classify_batch": Route(Batch, BatchResult, _classify_batch),
    "/explain": Route(ArticleToExplain, ExplainedResult, _explain),
}
"""By path; each is a ``bentoml.api`` of the service too, which is what BentoML's clients know."""
