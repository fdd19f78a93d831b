"""Schemathesis asks what the API document allows and forbids, and compares the answers with what it promises."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode


class Begun:
    """The application as Schemathesis may call it: begun already, and named by a host that it knows."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            for kind in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{kind}.complete"})
            return
        known = [(name, b"127.0.0.1" if value == b"testserver" else value) for name, value in scope["headers"]]
        await self.app({**scope, "headers": known, "server": ("127.0.0.1", 80)}, receive, send)


@pytest.fixture(scope="module")
def document(app, inside):
    return schemathesis.openapi.from_asgi("/docs.json", Begun(app))


def leave_something(body):
    """Begin each text with a word: that a text of punctuation is empty once cleaned, no schema can say."""
    for article in body.get("articles", [body]):
        if len(article["text"]) < 199_000:
            article["text"] = "Rudal. " + article["text"]
    if body.get("labels"):
        body["labels"] = ["nuclear"]  # the schema knows no names


POSITIVE, NEGATIVE = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
READING = ["/", "/page/{name}", "/labels", "/model", "/docs.json", "/livez", "/readyz", "/metrics", "/schema.json"]
WHOLE = [
    *(("POST", path, mode) for path in ("/classify", "/classify_batch", "/explain") for mode in (POSITIVE, NEGATIVE)),
    *(("GET", path, POSITIVE) for path in READING),  # nothing can be wrong about them
]


@pytest.mark.parametrize(("method", "path", "mode"), WHOLE, ids=lambda value: getattr(value, "value", value))
def test_the_service_keeps_what_its_document_promises(document, method, path, mode):
    operation = document[path][method]

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=60 if method == "POST" else 2, suppress_health_check=list(HealthCheck))
    def check(case):
        if method == "POST" and mode is POSITIVE:
            leave_something(case.body)
        case.call_and_validate()

    check()


def test_the_document_lists_every_route_error_and_the_key(inside):
    document = inside.get("/docs.json").json()
    from serve.service import Kawat, _reading

    routes = {method.route for method in Kawat.apis.values()} | {route.path for route in _reading.routes}
    assert routes | {"/livez", "/readyz", "/healthz", "/metrics", "/schema.json"} == set(document["paths"])
    for path in ("/classify", "/classify_batch", "/explain"):
        assert set(document["paths"][path]["post"]["responses"]) == {
            "200", "400", "401", "403", "405", "408", "413", "415", "500", "503", "504"
        }  # fmt: skip
        assert document["paths"][path]["post"]["security"] == [{"key": []}, {}]
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
