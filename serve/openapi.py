"""The OpenAPI document: BentoML's routes described by our own schemas, our GET routes, every error, the API key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import models_json_schema

from serve import page
from serve.guard import OPEN_PATHS, PAGE_FOLDER
from serve.routes import Route
from serve.schemas import Error, KnownLabels, ServingModel

_REFERENCE = "#/components/schemas/{model}"
_READING = {
    "/labels": ("Label names with titles and definitions.", "application/json", KnownLabels),
    "/model": (
        "The model that serves: version, run, metrics, thresholds, and what was refused.",
        "application/json",
        ServingModel,
    ),
    "/docs.json": ("This document.", "application/json", None),
    "/": ("The page.", "text/html", None),
    "/livez": ("Whether the process answers.", "text/plain", None),
    "/readyz": ("Whether a model serves.", "text/plain", None),
    "/healthz": ("The same as /livez, by its older name.", "text/plain", None),
    "/metrics": ("Figures for Prometheus.", "text/plain", None),
    "/schema.json": ("What BentoML's clients read.", "application/json", None),
}
_ERRORS = {
    "400": "Wrong input, or not HTTP.",
    "401": "No or wrong API key.",
    "403": "Foreign Host or Origin.",
    "404": "No such thing.",
    "405": "No such method on this route.",
    "408": "The body came too slowly.",
    "413": "The body is too large.",
    "415": "Not plain application/json.",
    "500": "The service failed.",
    "503": "Too much waits, or no model serves yet; ask again after Retry-After.",
    "504": "Not done within the deadline; the work has ended.",
}
_READING_ERRORS = ("401", "403", "405", "500", "503")


def describe(service: Any, routes: Mapping[str, Route]) -> dict[str, Any]:
    """Return the OpenAPI document of the service.

    Parameters
    ----------
    service : bentoml.Service
        Whose routes BentoML knows.
    routes : mapping of str to Route
        The schemas of its POST routes.

    Returns
    -------
    dict
        The document.
    """
    known: dict[str, Any] = service.openapi_spec.asdict()
    inputs = [(route.takes, "validation") for route in routes.values()]
    outputs = [
        (model, "serialization") for model in (Error, KnownLabels, ServingModel, *(r.gives for r in routes.values()))
    ]
    _, schemas = models_json_schema([*inputs, *outputs], ref_template=_REFERENCE)  # type: ignore[list-item]
    paths = {path: {"get": _reading(path)} for path in _READING}
    paths[PAGE_FOLDER + "{name}"] = {"get": _page_file()}
    for method in service.apis.values():
        operation = known["paths"][method.route]["post"]
        paths[method.route] = {"post": _post(operation, method.route, routes[method.route])}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Kawat", "version": _version(), "description": service.inner.__doc__},
        "servers": [{"url": "."}],
        "tags": known["tags"],
        "paths": paths,
        "components": {
            "schemas": known["components"]["schemas"] | schemas["$defs"],
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "Needed where KAWAT_API_KEY is set."}
            },
        },
    }


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("kawat")
    except PackageNotFoundError:
        return "0"


def _reading(path: str) -> dict[str, Any]:
    text, media_type, model = _READING[path]
    content: dict[str, Any] = {media_type: {"schema": _reference(model.__name__)} if model else {}}
    return {
        "summary": text,
        "security": _security(path),
        "responses": {"200": {"description": text, "content": content}} | _errors(_READING_ERRORS),
    }


def _page_file() -> dict[str, Any]:
    name = {"name": "name", "in": "path", "required": True, "schema": {"type": "string", "enum": page.names()}}
    content: dict[str, Any] = {"text/html": {}, "text/css": {}, "text/javascript": {}, "image/svg+xml": {}}
    good = {"200": {"description": "The file.", "content": content}, "304": {"description": "As it was."}}
    errors = _errors(("403", "404", "405", "500"))
    return {"summary": "A file of the page.", "parameters": [name], "security": [{}], "responses": good | errors}


def _post(operation: dict[str, Any], path: str, route: Route) -> dict[str, Any]:
    good = {"description": "Done.", "content": {"application/json": {"schema": _reference(route.gives.__name__)}}}
    return operation | {
        "security": _security(path),
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _reference(route.takes.__name__)}},
        },
        "responses": {"200": good} | _errors(tuple(status for status in _ERRORS if status != "404")),
    }


def _security(path: str) -> list[dict[str, list[str]]]:
    # Without a key set, none is asked for; the empty requirement says so.
    return [{}] if path in OPEN_PATHS else [{"key": []}, {}]


def _errors(statuses: tuple[str, ...]) -> dict[str, Any]:
    content = {"application/json": {"schema": _reference("Error")}}
    return {status: {"description": _ERRORS[status], "content": content} for status in statuses}


def _reference(name: str) -> dict[str, str]:
    return {"$ref": _REFERENCE.format(model=name)}
