"""One ASGI layer around the service: who may ask, how much, and the shape of every error."""

from __future__ import annotations

import hmac
import json
import os
from ipaddress import ip_address
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serve import page
from serve.schemas import error_body

MAX_BODY = 8 * 2**20
"""Bytes that the body of a request may have."""

CODES = {
    400: "invalid_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "timeout",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid_request",
    429: "overloaded",
    500: "internal_error",
    503: "overloaded",
    504: "timeout",
}
_OPEN_PATHS = frozenset({"/livez", "/readyz", "/healthz", "/"})


class OpenServiceError(RuntimeError):
    """The service would be open to others without a key."""


def check_exposure(host: str) -> None:
    """Refuse an address beyond this machine while there is no API key.

    Parameters
    ----------
    host : str
        Address to listen on.

    Raises
    ------
    OpenServiceError
        If `host` is not loopback, ``KAWAT_API_KEY`` is not set, and ``KAWAT_OPEN`` is not 1.
    """
    if os.environ.get("KAWAT_API_KEY") or os.environ.get("KAWAT_OPEN") == "1":
        return
    try:
        loopback = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise OpenServiceError(
            f"host {host} can be reached from other machines and no API key is set; "
            "set KAWAT_API_KEY, or say --open (KAWAT_OPEN=1) if everyone may ask"
        )


class Guard:
    """ASGI middleware: API key, content type, body size, error shape.

    Parameters
    ----------
    app : ASGI application
        What it guards.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._key = os.environ.get("KAWAT_API_KEY", "").encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        is_open = scope["path"] in _OPEN_PATHS or scope["path"].startswith(page.FOLDER)
        if self._key and not is_open and not self._is_authorized(headers):
            await _refuse(401, "send the API key as 'Authorization: Bearer …'", scope, receive, send)
            return
        if scope["method"] == "POST":
            if headers.get(b"content-type", b"").split(b";")[0].strip().lower() != b"application/json":
                got = headers.get(b"content-type", b"none").decode("latin-1")
                await _refuse(415, f"content type {got!r}, expected application/json", scope, receive, send)
                return
            body = await _read(receive, headers)
            if body is None:
                await _refuse(
                    413,
                    f"the body has more than {MAX_BODY:,} bytes; send fewer articles at a time",
                    scope,
                    receive,
                    send,
                )
                return
            receive = _replay(body, receive)
        await self.app(scope, receive, _Shaped(send))

    def _is_authorized(self, headers: dict[bytes, bytes]) -> bool:
        scheme, _, key = headers.get(b"authorization", b"").partition(b" ")
        return scheme.lower() == b"bearer" and hmac.compare_digest(key.strip(), self._key)


async def _read(receive: Receive, headers: dict[bytes, bytes]) -> bytes | None:
    """Return the body, or None if it is too large; no more than the limit is ever held."""
    declared = headers.get(b"content-length", b"")
    if declared.isdigit() and int(declared) > MAX_BODY:
        return None
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            return None
        if not message.get("more_body"):
            return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def replay() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


async def _refuse(status: int, message: str, scope: Scope, receive: Receive, send: Send) -> None:
    # The rest of the body is not read, so the connection cannot be used again.
    await JSONResponse(error_body(CODES[status], message), status, {"Connection": "close"})(scope, receive, send)


class _Shaped:
    """A ``send`` that gives every error the contract's shape, whoever made it."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._error: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] >= 400:
            self._error = message
        elif self._error is None:
            await self._send(message)
        elif message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._send_error()

    async def _send_error(self) -> None:
        assert self._error is not None
        status = self._error["status"]
        body = json.dumps(shaped(status, bytes(self._body)), ensure_ascii=False).encode()
        dropped = (b"content-length", b"content-type")
        headers = [pair for pair in self._error["headers"] if pair[0].lower() not in dropped]
        headers += [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


_MESSAGES = {
    404: "no such route; GET /docs.json lists them",
    405: "no such method on this route; GET /docs.json lists them",
    500: "the service failed; its log says where",
}


def shaped(status: int, body: bytes) -> dict[str, Any]:
    """Return the error in the contract's shape, whatever `body` a library gave it."""
    code = CODES.get(status, "internal_error" if status >= 500 else "invalid_request")
    if status in _MESSAGES:
        return error_body(code, _MESSAGES[status])
    try:
        document = json.loads(body)
    except ValueError:
        return error_body(code, body.decode("utf-8", "replace") or "the request could not be handled")
    if isinstance(document, dict) and isinstance(document.get("detail"), list):
        detail = [
            {"loc": list(item.get("loc", ())), "msg": str(item.get("msg", ""))}
            for item in document["detail"]
            if isinstance(item, dict)
        ]
        return {"error": document["error"] if document.get("error") in CODES.values() else code, "detail": detail}
    return error_body(code, str(document))
