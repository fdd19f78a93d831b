"""The body of a request: so much and no more, in so much time and no longer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from starlette.types import Receive

from serve.errors import RequestError

MAX_BODY = 8 * 2**20
"""Bytes that the body of a request may have."""
RECEIVE_SECONDS = 15.0
"""Seconds in which it must have come."""
MAX_HELD = 128 * 2**20
"""Bytes of bodies that one worker holds at a time, those that are still coming included."""
_DRAIN_SECONDS, _DRAIN_BYTES = 2.0, 4 * MAX_BODY
"""What is still taken, and thrown away, of a body that was refused."""


class Disconnected(Exception):
    """The sender went away before the body was complete."""


class Body:
    """The body of one request, counted among those that are held until `release`.

    Parameters
    ----------
    receive : callable
        ASGI's.
    headers : mapping of bytes to bytes
        Of the request.
    """

    held = 0
    """Bytes that all bodies hold together."""

    def __init__(self, receive: Receive, headers: Mapping[bytes, bytes]) -> None:
        self._receive = receive
        self._declared = headers.get(b"content-length", b"")
        self._counted = 0
        self._is_complete = self._declared in (b"", b"0") and b"transfer-encoding" not in headers

    @property
    def may_come(self) -> bool:
        """Whether some of it has not been received."""
        return not self._is_complete

    async def read(self) -> bytes:
        """Return the bytes.

        Raises
        ------
        RequestError
            408 if they come too slowly, 413 if they are too many, 503 if too many bodies are held.
        Disconnected
            If the sender went away.
        """
        if self._declared.isdigit() and (len(self._declared) > 15 or int(self._declared) > MAX_BODY):
            raise _too_large()
        try:
            async with asyncio.timeout(RECEIVE_SECONDS):
                return await self._read()
        except TimeoutError:
            raise RequestError(408, f"the body did not come within {RECEIVE_SECONDS:g} seconds") from None

    async def _read(self) -> bytes:
        body = bytearray()
        while not self._is_complete:
            part = await self._part()
            self._counted += len(part)
            Body.held += len(part)
            body += part
            if len(body) > MAX_BODY:
                raise _too_large()
            if Body.held > MAX_HELD:
                raise RequestError(503, "too much is being sent at once; try again", headers={"Retry-After": "1"})
        return bytes(body)

    async def _part(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        self._is_complete = not message.get("more_body")
        part: bytes = message.get("body", b"")
        return part

    async def drain(self) -> None:
        """Throw away what still comes, within limits: a sender that is cut off in the middle may miss the answer."""
        taken = 0
        try:
            async with asyncio.timeout(_DRAIN_SECONDS):
                while not self._is_complete and taken < _DRAIN_BYTES:
                    taken += len(await self._part())
        except (TimeoutError, Disconnected):
            pass

    def release(self) -> None:
        """Count the body no longer."""
        Body.held -= self._counted
        self._counted = 0


def _too_large() -> RequestError:
    return RequestError(413, f"the body has more than {MAX_BODY:,} bytes; send fewer articles at a time")
