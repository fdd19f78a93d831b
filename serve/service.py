"""The BentoML service: the champion answers over HTTP."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import sys
import tempfile

os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")

from typing import TYPE_CHECKING, Any

import bentoml
import click
from _bentoml_sdk import Service
from starlette.applications import Starlette
from starlette.responses import Response

from serve import logs
from serve.accepting import Shares, SharingLoop
from serve.bundle import source
from serve.champion import NAME_VARIABLE, Champion
from serve.guard import Access, OpenServiceError, check_exposure
from serve.reading import Reading
from serve.schemas import Article, ArticleToExplain, Batch, BatchResult, ExplainedResult, Result
from serve.smoke import examine

if TYPE_CHECKING:
    from starlette.types import ASGIApp

WORKERS = int(os.environ.get("KAWAT_WORKERS", "1"))
_FOLDER_VARIABLE = "KAWAT_WORKERS_FOLDER"
_SWITCH_SECONDS = 0.0005
"""A model is loaded in a thread beside the requests; Python's 5 ms of turn-taking would be felt in every answer."""


def _report(event: str, version: str, reason: str) -> None:
    from serve import metrics

    metrics.count_event(event, version)
    logs.line(event=event, version=version or None, reason=reason or None)


champion = Champion(source(os.environ.get(NAME_VARIABLE, "kawat")), examine, _report)
"""Follows the alias in this process."""


def _document() -> dict[str, Any]:
    from serve.openapi import describe
    from serve.routes import ROUTES

    return describe(Kawat, ROUTES)


_reading = Starlette(routes=Reading(champion, _document).routes())


class _Fronted(Service[Any]):
    """A service whose ASGI application has ours around it."""

    def to_asgi(self, is_main: bool = True) -> ASGIApp:
        """Return the application."""
        if folder := os.environ.get(_FOLDER_VARIABLE):
            # The workers' figures; to be named before prometheus_client is imported.
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        import uvicorn.config

        from serve.front import Front
        from serve.routes import ROUTES
        from serve.work import Desk

        # BentoML makes uvicorn's server and lets nobody choose its protocol and its loop.
        uvicorn.config.HTTP_PROTOCOLS["auto"] = "serve.protocol:Protocol"
        uvicorn.config.LOOP_FACTORIES["auto"] = "serve.accepting:loop_factory"
        worker = bentoml.server_context.worker_index or 0
        if folder and WORKERS > 1 and 1 <= worker <= WORKERS:
            SharingLoop.shares = Shares(folder, worker - 1)
        reads = frozenset({"GET", "HEAD"})
        methods = dict.fromkeys(("/livez", "/readyz", "/healthz", "/metrics", "/schema.json"), reads)
        methods |= {getattr(route, "path", "").replace("{name}", "*"): reads for route in _reading.routes}
        methods |= {method.route: frozenset({"POST"}) for method in self.apis.values()}
        return Front(super().to_asgi(is_main), Desk(champion), ROUTES, methods, Access())


@bentoml.asgi_app(_reading, path="/")
@bentoml.service(
    name="kawat",
    workers=WORKERS,
    service_class=_Fronted,
    traffic={"timeout": 60},
    # What these log and trace is in our own lines, without the cost.
    logging={"access": {"enabled": False}},
    tracing={"sample_rate": 0.0},
)
class Kawat:
    """Labels news articles about international security."""

    def __init__(self) -> None:
        logs.install()
        sys.setswitchinterval(_SWITCH_SECONDS)
        champion.start()
        # Half a million objects of the libraries stay for good; looking through them stops every answer for 0.3 s.
        gc.collect()
        gc.freeze()

    @bentoml.on_deployment
    @staticmethod
    def prepare() -> None:
        """Refuse to start beyond this machine without a key, however the server was called; runs in the parent."""
        context = click.get_current_context(silent=True)
        host = (context.params.get("host") if context else None) or os.environ.get("BENTOML_HOST")
        try:
            check_exposure(host or "0.0.0.0")
        except OpenServiceError as error:
            raise click.UsageError(str(error)) from None
        # BentoML's own folder of figures is one for all servers of a user, and each clears it when it starts.
        folder = tempfile.mkdtemp(prefix="kawat-workers-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        os.environ[_FOLDER_VARIABLE] = folder
        Shares.create(folder, WORKERS)

    @bentoml.on_shutdown
    def stop(self) -> None:
        """Follow no longer."""
        champion.stop()

    def __is_ready__(self) -> bool:
        return champion.is_ready

    # Over HTTP, `serve.front` answers these routes by `serve.routes`; the methods are for callers in the same process.

    @bentoml.api(route="/classify", input_spec=Article, output_spec=Result)
    async def classify(self, **fields: str | None) -> Response:
        """Label one article."""
        return await _answer("/classify", Article.model_construct(None, **fields))

    @bentoml.api(route="/classify_batch", input_spec=Batch, output_spec=BatchResult)
    async def classify_batch(self, articles: list[Article]) -> Response:
        """Label up to 1,000 articles."""
        return await _answer("/classify_batch", Batch.model_construct(None, articles=articles))

    @bentoml.api(route="/explain", input_spec=ArticleToExplain, output_spec=ExplainedResult)
    async def explain(self, **fields: Any) -> Response:
        """Label one article and say what in it carried the labels."""
        return await _answer("/explain", ArticleToExplain.model_construct(None, **fields))


async def _answer(path: str, body: Article | Batch) -> Response:
    from serve.routes import ROUTES
    from serve.work import Desk

    answer = await ROUTES[path].work(Desk(champion), body)
    return Response(answer.body, media_type="application/json")
