"""The BentoML service: the champion answers over HTTP."""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")

import bentoml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from features.article import Document
from serve import logs, page
from serve.champion import load_champion
from serve.explain import answer_explained
from serve.guard import Guard
from serve.openapi import describe
from serve.schemas import Article, ArticleToExplain, Batch, BatchResult, ExplainedResult, Result, error_body
from train.labels import LabelError, load_labels
from train.registry import RegisteredClassifier

WORKERS = int(os.environ.get("KAWAT_WORKERS", "1"))

_champion: RegisteredClassifier | None = None


def _serving() -> RegisteredClassifier:
    assert _champion is not None, "the service has not started"
    return _champion


async def _labels(request: Request) -> Response:
    classifier = _serving().classifier
    try:
        known = {label.name: label for label in load_labels()}
    except LabelError:
        known = {}
    rows = []
    for name in classifier.classes_.tolist():
        label = known.get(name)
        rows.append(
            {"name": name, "title": label.title, "definition": label.definition, "boundary": label.boundary}
            if label
            else {"name": name}
        )
    return JSONResponse({"labels": rows})


async def _model(request: Request) -> Response:
    champion = _serving()
    thresholds = dict(zip(champion.classifier.classes_.tolist(), champion.classifier.thresholds_.tolist(), strict=True))
    return JSONResponse(
        {
            "name": champion.name,
            "version": champion.version,
            "run_id": champion.run_id,
            "metrics": champion.metrics,
            "thresholds": thresholds,
            "refused": None,
        }
    )


async def _document(request: Request) -> Response:
    return JSONResponse(describe(Kawat))


_reading = Starlette(
    routes=[Route("/labels", _labels), Route("/model", _model), Route("/docs.json", _document), *page.routes()],
)


@bentoml.asgi_app(_reading, path="/")
@bentoml.service(name="kawat", workers=WORKERS, traffic={"timeout": 60})
class Kawat:
    """Labels news articles about international security."""

    def __init__(self) -> None:
        global _champion
        logs.install()
        _champion = load_champion()

    def __is_ready__(self) -> bool:
        return _champion is not None

    @bentoml.api(route="/classify", input_spec=Article, output_spec=Result)
    def classify(self, **fields: str | None) -> Response:
        """Label one article."""
        return _answer([Article.model_construct(None, **fields)], batch=False)

    @bentoml.api(route="/classify_batch", input_spec=Batch, output_spec=BatchResult)
    def classify_batch(self, articles: list[Article]) -> Response:
        """Label up to 1,000 articles."""
        return _answer(articles, batch=True)

    @bentoml.api(route="/explain", input_spec=ArticleToExplain, output_spec=ExplainedResult)
    def explain(self, **fields: Any) -> Response:
        """Label one article and say what in it carried the labels."""
        return answer_explained(_serving(), ArticleToExplain.model_construct(None, **fields))


Kawat.add_asgi_middleware(Guard)  # type: ignore[attr-defined]


def _answer(articles: list[Article], *, batch: bool) -> Response:
    """Classify and answer; a ready response spares BentoML's validation of our own output."""
    champion = _serving()
    documents = [Document.of(article.as_article()) for article in articles]
    for place, document in enumerate(documents):
        if document.is_empty:
            loc = ("articles", place, "text") if batch else ("text",)
            return JSONResponse(
                error_body(
                    "invalid_request",
                    "no letter or digit is left of the text after cleaning; send the article's body",
                    loc,
                ),
                400,
            )
    model = {"name": champion.name, "version": champion.version}
    results = [result.as_json() | {"model": model} for result in champion.classifier.classify(documents)]
    return JSONResponse({"model": model, "results": results} if batch else results[0])
