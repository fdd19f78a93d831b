"""The web page: static files that load nothing from elsewhere."""

from __future__ import annotations

import hashlib
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from serve.guard import PAGE_FOLDER

_TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in _POLICY.items()),
    "Cache-Control": "no-cache",
}
"""Nothing from elsewhere, nothing inline, in nobody's frame; asked anew each time, which costs a 304."""


def routes() -> list[Route]:
    """Return the page at ``/`` and the files that it asks for."""
    contents = {file.name: file.read_bytes() for file in files(__name__).iterdir() if _type(file.name)}

    async def answer(request: Request) -> Response:
        name = request.path_params.get("name", "index.html")
        if name not in contents:
            return PlainTextResponse("no such file", 404)
        tag = f'"{hashlib.sha256(contents[name]).hexdigest()[:16]}"'
        headers = HEADERS | {"ETag": tag}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(contents[name], media_type=_type(name), headers=headers)

    return [Route("/", answer), Route(PAGE_FOLDER + "{name}", answer)]


def names() -> list[str]:
    """Return the names of the page's files."""
    return sorted(file.name for file in files(__name__).iterdir() if _type(file.name))


def _type(name: str) -> str | None:
    return _TYPES.get(name.rpartition(".")[2])
