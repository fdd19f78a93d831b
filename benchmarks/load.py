"""A load generator: kept-alive connections that send prepared requests, as fast as answers come or at a given rate."""

from __future__ import annotations

import asyncio
import selectors
import socket
import time
from collections import deque
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field

_TIMEOUT = 60.0


@dataclass
class Measured:
    """What was seen: seconds of every request, failed ones by their status (0 for a broken connection)."""

    seconds: list[float] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    elapsed: float = 0.0

    @property
    def rate(self) -> float:
        """Answered requests a second."""
        return len(self.seconds) / self.elapsed

    def quantile(self, share: float) -> float:
        """Seconds within which a share of the requests was answered."""
        ordered = sorted(self.seconds)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def request(path: str, body: bytes, port: int) -> bytes:
    """Return a whole HTTP request."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Connection:
    """One connection, opened anew when it broke."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, request: bytes) -> int:
        """Send a request and return the status of the answer; an idle connection that was closed is opened anew."""
        was_idle = self._writer is not None
        try:
            return await self._ask(request)
        except (OSError, asyncio.IncompleteReadError) as error:
            if not was_idle or getattr(error, "partial", b""):
                raise
            return await self._ask(request)

    async def _ask(self, request: bytes) -> int:
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port, limit=2**20)
        try:
            self._writer.write(request)
            # uvicorn's workers send head and body apart and without TCP_NODELAY; a client that delays its
            # acknowledgements would wait 40 ms for the second, which is not what is compared here.
            self._writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            head = await self._reader.readuntil(b"\r\n\r\n")
            lines = head.lower().split(b"\r\n")
            length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
            await self._reader.readexactly(length)
            if b"connection: close" in lines:
                self.close()
            return int(head[9:12])
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close it."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None


async def _one(connection: Connection, request: bytes, measured: Measured, began: float) -> None:
    try:
        async with asyncio.timeout(_TIMEOUT):
            status = await connection.ask(request)
    except (OSError, EOFError, TimeoutError, asyncio.IncompleteReadError):
        status = 0
    if status == 200:
        measured.seconds.append(time.perf_counter() - began)
    else:
        measured.failed.append(status)


async def _closed(port: int, requests: Sequence[bytes], concurrency: int, seconds: float) -> Measured:
    measured = Measured()
    began = time.perf_counter()

    async def client(first: int) -> None:
        connection, place = Connection(port), first
        while time.perf_counter() - began < seconds:
            await _one(connection, requests[place % len(requests)], measured, time.perf_counter())
            place += concurrency
        connection.close()

    await asyncio.gather(*(client(place) for place in range(concurrency)))
    measured.elapsed = time.perf_counter() - began
    return measured


async def _open(port: int, requests: Sequence[bytes], rate: float, seconds: float) -> Measured:
    measured = Measured()
    # The one that rested longest is next, as with senders who know nothing of each other: the load spreads over the
    # server's workers, where the one that answered last would bring request after request to the same of them.
    idle = deque(Connection(port) for _ in range(16))
    tasks: set[asyncio.Task[None]] = set()
    began = time.perf_counter()

    async def send(place: int, due: float) -> None:
        connection = idle.popleft() if idle else Connection(port)
        # Counted from when it was due: what a late generator adds belongs to both sides alike.
        await _one(connection, requests[place % len(requests)], measured, due)
        idle.append(connection)

    for place in range(int(rate * seconds)):
        due = began + place / rate
        if (pause := due - time.perf_counter()) > 0:
            await asyncio.sleep(pause)
        task = asyncio.create_task(send(place, due))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    measured.elapsed = time.perf_counter() - began
    for connection in idle:
        connection.close()
    return measured


def _run(measuring: Coroutine[None, None, Measured]) -> Measured:
    # epoll waits for whole milliseconds, which is as long as an answer takes.
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selectors.SelectSelector())) as runner:
        return runner.run(measuring)


def closed_loop(port: int, requests: Sequence[bytes], concurrency: int, seconds: float) -> Measured:
    """Send the next request of each connection when the former is answered."""
    return _run(_closed(port, requests, concurrency, seconds))


def open_loop(port: int, requests: Sequence[bytes], rate: float, seconds: float) -> Measured:
    """Send requests at a rate, whether the former are answered or not."""
    return _run(_open(port, requests, rate, seconds))
