"""The outermost ASGI layer: lets requests in, answers the POST routes itself, hands the rest to BentoML's app.

BentoML's way from socket to method costs several times what classifying a short article does: eight middlewares, a
thread, two validations. Its routes, document and clients stay; only the way is shorter.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from pydantic_core import to_json
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serve import logs, metrics
from serve.errors import RequestError, shaped
from serve.guard import Access
from serve.receiving import Body, Disconnected
from serve.routes import Route
from serve.work import Desk

_JSON = (b"content-type", b"application/json")
_SECURITY = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
"""Of every answer that does not bring its own, as the page does."""
_PRIVATE = (b"cache-control", b"no-store")
_READINESS = "/readyz"


class Front:
    """ASGI application around the service.

    Parameters
    ----------
    app : ASGI application
        BentoML's.
    desk : Desk
        Labels articles.
    routes : mapping of str to Route
        The POST routes; all of them are answered here.
    methods : mapping of str to collection of str
        Every path and what may be done there; a path that ends in ``/*`` stands for all below it.
    access : Access
        Who may ask.
    """

    def __init__(
        self,
        app: ASGIApp,
        desk: Desk,
        routes: Mapping[str, Route],
        methods: Mapping[str, frozenset[str]],
        access: Access,
    ) -> None:
        self._app = app
        self._desk = desk
        self._routes = routes
        self._methods = methods
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._handle(scope, receive, send)
        else:
            # A WebSocket; there is none here, and closing before it is accepted answers 403.
            await send({"type": "websocket.close"})

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        method, path = scope["method"], scope["path"]
        known = path if path in self._methods else _parent(path)
        headers = dict(scope["headers"])
        body = Body(receive, headers)
        sent = _Sent(send)
        noted: dict[str, Any] = {}
        try:
            self._access.check(method, path, headers, scope.get("server"))
            if known not in self._methods:
                raise RequestError.of_status(404)
            if method not in self._methods[known]:
                raise RequestError.of_status(405, {"Allow": ", ".join(sorted(self._methods[known]))})
            if method == "POST":
                answer = await self._routes[path].answer(self._desk, await body.read())
                noted = answer.noted
                await sent.whole(200, answer.body)
            else:
                if path == _READINESS:
                    self._desk.serving()  # BentoML would say that it is not ready, but neither why nor until when
                await self._app(scope, receive, sent.shaping)
        except RequestError as error:
            noted = {"error": error.code}
            await sent.refusal(error, body)
        except Disconnected:
            noted, sent.status = {"error": "disconnected"}, 499
        except Exception as error:
            noted = {"error": logs.place_of(error)}
            await sent.refusal(RequestError.of_status(500), body)
        finally:
            body.release()
            seconds = time.perf_counter() - began
            named = known if known in self._methods else "other"
            metrics.count_request(named, sent.status, seconds)
            logs.line(route=named, method=method, status=sent.status, ms=round(1000 * seconds, 2), **noted)


class _Sent:
    """The answer to one request."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0
        self._error: Message | None = None
        self._error_body = bytearray()

    async def whole(self, status: int, body: bytes, headers: list[tuple[bytes, bytes]] | None = None) -> None:
        """Answer with JSON."""
        self.status = status
        fixed = [_JSON, (b"content-length", str(len(body)).encode()), _POLICY, _PRIVATE, *_SECURITY]
        await self._send({"type": "http.response.start", "status": status, "headers": fixed + (headers or [])})
        await self._send({"type": "http.response.body", "body": body})

    async def refusal(self, error: RequestError, body: Body) -> None:
        """Answer with an error, unless an answer has begun already."""
        if self.status:
            return
        extra = [(name.lower().encode(), value.encode()) for name, value in error.headers.items()]
        content = to_json(error.body)
        if body.may_come:
            # Part of the body may still be under way, so the connection is not used again. A sender that is cut off
            # in the middle would miss the answer: it is sent first, and what comes is thrown away for a moment.
            self.status = error.status
            extra += [(b"connection", b"close"), _JSON, (b"content-length", str(len(content)).encode())]
            extra += [_POLICY, _PRIVATE, *_SECURITY]
            await self._send({"type": "http.response.start", "status": error.status, "headers": extra})
            await self._send({"type": "http.response.body", "body": content, "more_body": True})
            await body.drain()
            await self._send({"type": "http.response.body", "body": b""})
        else:
            await self.whole(error.status, content, extra)

    async def shaping(self, message: Message) -> None:
        """Pass on what BentoML's app sends; an error gets the contract's shape, whoever made it."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if self.status >= 400:
                self._error = message
                return
            headers = [*message["headers"], *_SECURITY]
            names = {name.lower() for name, _ in headers}
            headers += [pair for pair in (_POLICY, _PRIVATE) if pair[0] not in names]
            await self._send({**message, "headers": headers})
        elif self._error is None:
            await self._send(message)
        elif message["type"] == "http.response.body":
            self._error_body += message.get("body", b"")
            if not message.get("more_body"):
                kept = [pair for pair in self._error["headers"] if pair[0].lower() in (b"allow", b"retry-after")]
                await self.whole(self.status, to_json(shaped(self.status, bytes(self._error_body))), kept)


def _parent(path: str) -> str:
    return path[: path.find("/", 1)] + "/*" if path.find("/", 1) > 0 else path
