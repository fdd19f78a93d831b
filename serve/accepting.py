"""An event loop whose workers share the connections out among themselves.

All workers listen on one socket, and asyncio's loop takes every connection that waits: the worker that looks first has
them all, for as long as their senders keep them open, and the others have nothing to do. Here a worker takes one at a
time, and leaves it for a moment to the others as long as one of them holds fewer.
"""

from __future__ import annotations

import asyncio
import mmap
from pathlib import Path
from typing import Any, ClassVar

PATIENCE_SECONDS = 0.002
"""How long a connection is left to a worker with fewer; who is busy longer than that does not get it."""
_FILE = "connections"


class Shares:
    """How many connections each worker has open, in memory that all of them see; each writes its own number.

    Parameters
    ----------
    folder : str
        Of this server alone; see `create`.
    worker : int
        Number of this worker, from 0.
    """

    def __init__(self, folder: str, worker: int) -> None:
        with (Path(folder) / _FILE).open("r+b") as file:
            self._counts = memoryview(mmap.mmap(file.fileno(), 0)).cast("i")
        self._worker = worker
        self._counts[worker] = 0  # those of a worker that died are gone

    @staticmethod
    def create(folder: str, workers: int) -> None:
        """Make the memory for so many workers."""
        (Path(folder) / _FILE).write_bytes(bytes(4 * workers))

    def count(self, change: int) -> None:
        """Note that a connection of this worker was opened (1) or closed (-1)."""
        self._counts[self._worker] += change

    @property
    def is_anothers_turn(self) -> bool:
        """Whether another worker has fewer."""
        return min(self._counts) < self._counts[self._worker]


class SharingLoop(asyncio.SelectorEventLoop):
    """asyncio's loop, but for the way it takes connections."""

    shares: ClassVar[Shares | None] = None
    """Of this worker; None if it is the only one."""

    def _accept_connection(
        self, protocol_factory: Any, sock: Any, sslcontext: Any = None, server: Any = None, backlog: int = 1, *rest: Any
    ) -> None:
        # What asyncio calls when its listening socket is ready; it has no setting for what is done here.
        arguments = (protocol_factory, sock, sslcontext, server, backlog, *rest)
        if self.shares is not None and self.shares.is_anothers_turn:
            self._remove_reader(sock.fileno())  # type: ignore[attr-defined]
            self.call_later(PATIENCE_SECONDS, self._take_after_all, arguments)
        else:
            self._take(arguments)

    def _take_after_all(self, arguments: tuple[Any, ...]) -> None:
        sock = arguments[1]
        if sock.fileno() < 0:
            return  # the server has stopped meanwhile
        self._add_reader(sock.fileno(), self._accept_connection, *arguments)  # type: ignore[attr-defined]
        self._take(arguments)

    def _take(self, arguments: tuple[Any, ...]) -> None:
        # The fifth argument says how many connections are taken at most.
        super()._accept_connection(*arguments[:4], 1, *arguments[5:])  # type: ignore[misc]


def loop_factory(use_subprocess: bool = False) -> type[SharingLoop]:
    """Return the loop's class, as uvicorn asks for it."""
    return SharingLoop
