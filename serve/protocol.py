"""HTTP on the wire: what uvicorn leaves open, headers that never end, and errors in another shape."""

from __future__ import annotations

import asyncio
from typing import Any

from pydantic_core import to_json
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from serve.accepting import SharingLoop
from serve.errors import error_body

HEADER_SECONDS = 15.0
"""Seconds in which the headers of a request must have come, from the connection or its first byte."""
MAX_HEADERS = 64 * 2**10
"""Bytes that may come before the headers of a request are complete; what comes whole, in one piece, asyncio bounds."""
KEEP_ALIVE_SECONDS = 30
"""Seconds that an idle connection is kept. Clients such as httpx drop theirs after 5, which is uvicorn's default too:
now and then one would send into a connection that is just being closed, and BentoML offers no way to set it."""
_REASONS = {400: "Bad Request", 408: "Request Timeout"}


class Protocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """uvicorn's protocol with limits for headers; what is no HTTP gets an error in the contract's shape."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.timeout_keep_alive = KEEP_ALIVE_SECONDS
        self._header_timer: asyncio.TimerHandle | None = None
        self._header_bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for headers, but not for ever."""
        super().connection_made(transport)
        _count(1)
        self._wait_for_headers()

    def data_received(self, data: bytes) -> None:
        """Take bytes; once they made a request, its body has limits of its own."""
        before = self.cycle
        in_body = before is not None and before.more_body
        super().data_received(data)
        if self.cycle is not before or in_body:
            self._header_bytes = 0
        else:
            self._header_bytes += len(data)
            if self._header_bytes > MAX_HEADERS:
                self._give_up(400, "invalid_request", f"the headers have more than {MAX_HEADERS:,} bytes")
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
        elif self._header_timer is None and self.timeout_keep_alive_task is None:
            self._wait_for_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop_waiting()
        _count(-1)
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, or ends in the middle."""
        self._give_up(400, "invalid_request", "not a valid HTTP request")

    def _wait_for_headers(self) -> None:
        self._header_timer = asyncio.get_running_loop().call_later(HEADER_SECONDS, self._headers_are_late)

    def _stop_waiting(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None

    def _headers_are_late(self) -> None:
        self._header_timer = None
        self._give_up(408, "timeout", f"the headers did not come within {HEADER_SECONDS:g} seconds")

    def _give_up(self, status: int, code: str, message: str) -> None:
        if self.transport.is_closing():
            return
        body = to_json(error_body(code, message))
        head = f"HTTP/1.1 {status} {_REASONS[status]}\r\nconnection: close\r\ncontent-type: application/json\r\n"
        if self.cycle is None or not self.cycle.response_started or self.cycle.response_complete:
            self.transport.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        self.transport.close()


def _count(change: int) -> None:
    if SharingLoop.shares is not None:
        SharingLoop.shares.count(change)
