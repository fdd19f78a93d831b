"""The GET routes: the page, the labels, the model, the API document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from serve import page
from serve.champion import Champion
from serve.errors import RequestError


class Reading:
    """What can be read of the service.

    Parameters
    ----------
    champion : Champion
        Knows the model that serves.
    describe : callable
        Makes the OpenAPI document, which describes the service that these routes are part of.
    """

    def __init__(self, champion: Champion, describe: Callable[[], dict[str, Any]]) -> None:
        self._champion = champion
        self._describe = describe

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/labels", self.labels),
            Route("/model", self.model),
            Route("/docs.json", self.document),
            *page.routes(),
        ]

    async def labels(self, request: Request) -> Response:
        """Answer with the labels of the model that serves."""
        try:
            classifier = self._champion.serving().classifier
        except RequestError as error:
            return JSONResponse(error.body, error.status, error.headers)
        info = classifier.label_info_  # labels of one's own may have no titles
        return JSONResponse({"labels": [{"name": name} | info.get(name, {}) for name in classifier.classes_.tolist()]})

    async def model(self, request: Request) -> Response:
        """Answer with what serves, and with a newer version that was refused, if there is one."""
        try:
            model = self._champion.serving()
        except RequestError as error:
            return JSONResponse(error.body, error.status, error.headers)
        thresholds = dict(zip(model.classifier.classes_.tolist(), model.classifier.thresholds_.tolist(), strict=True))
        refused = self._champion.refused
        return JSONResponse(
            {
                "name": model.name,
                "version": model.version,
                "run_id": model.run_id,
                "metrics": {name: value for name, value in model.metrics.items() if value == value},
                "thresholds": thresholds,
                "refused": refused
                and {"version": refused.version, "reason": refused.reason, "at": round(refused.at, 3)},
            }
        )

    async def document(self, request: Request) -> Response:
        """Answer with the OpenAPI document."""
        return JSONResponse(self._describe())
