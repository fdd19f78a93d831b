"""The GET routes: the page, the labels, the model, the API document."""

from __future__ import annotations

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
    """

    def __init__(self, champion: Champion) -> None:
        self._champion = champion

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
        # Models that were registered before they kept titles and definitions know the names alone.
        info = getattr(classifier, "label_info_", {})
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
        from serve.openapi import describe
        from serve.routes import ROUTES
        from serve.service import Kawat

        return JSONResponse(describe(Kawat, ROUTES))
