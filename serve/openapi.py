"""The OpenAPI document: BentoML's, with our GET routes and error answers."""

from __future__ import annotations

from typing import Any

from serve.schemas import Error

_READING = {
    "/labels": ("Label names with titles and definitions.", "application/json"),
    "/model": ("The model that serves: version, run, metrics, thresholds.", "application/json"),
    "/docs.json": ("This document.", "application/json"),
    "/": ("The page.", "text/html"),
}
_ERRORS = {
    "400": "Wrong input.",
    "401": "No or wrong API key.",
    "413": "Too large.",
    "415": "Not application/json.",
    "500": "The service failed.",
}


def describe(service: Any) -> dict[str, Any]:
    """Return the OpenAPI document of the service.

    Parameters
    ----------
    service : bentoml.Service
        Whose POST routes and health routes BentoML describes.

    Returns
    -------
    dict
        The document.
    """
    document: dict[str, Any] = service.openapi_spec.asdict()
    document.setdefault("components", {}).setdefault("schemas", {})["Error"] = Error.model_json_schema(
        ref_template="#/components/schemas/{model}"
    )
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for path, (text, media_type) in _READING.items():
        document["paths"][path] = {
            "get": {"summary": text, "responses": {"200": {"description": text, "content": {media_type: {}}}}}
        }
    for operations in document["paths"].values():
        for method, operation in operations.items():
            for status, text in _ERRORS.items():
                if method == "post" or status in ("401", "500"):
                    operation.setdefault("responses", {})[status] = {"description": text, "content": error}
    definitions = document["components"]["schemas"]["Error"].pop("$defs", {})
    document["components"]["schemas"] |= definitions
    return document
