"""Connections are shared out among the workers of one socket."""

import asyncio
import contextlib
import socket
import threading

import pytest

from serve import accepting
from serve.accepting import Shares, SharingLoop


class Worker:
    """An event loop in a thread that listens on a socket and counts its connections as the service's protocol does."""

    def __init__(self, listening, shares):
        self.open = 0
        self._shares = shares
        self._loop = type("Loop", (SharingLoop,), {"shares": shares})()
        self._server = self._loop.run_until_complete(self._loop.create_server(self._protocol, sock=listening.dup()))
        self._thread = threading.Thread(target=self._loop.run_forever)

    def _protocol(self):
        worker = self

        class Protocol(asyncio.Protocol):
            def connection_made(self, transport):
                worker.open += 1
                worker._shares.count(1)
                transport.write(b"!")

            def connection_lost(self, exc):
                worker.open -= 1
                worker._shares.count(-1)

        return Protocol()

    def start(self):
        self._thread.start()

    def stop(self):
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        if self._thread.is_alive():
            self._thread.join(10)
        self._loop.close()


@pytest.fixture
def listening():
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listening:
        listening.setblocking(False)
        yield listening


@pytest.fixture
def workers(listening, tmp_path):
    Shares.create(str(tmp_path), 2)
    with contextlib.ExitStack() as stack:
        made = [Worker(listening, Shares(str(tmp_path), place)) for place in range(2)]
        for worker in made:
            stack.callback(worker.stop)
        yield made


def connected(stack, address, n):
    """Open connections, one after the other, each when the one before was taken."""
    for _ in range(n):
        connection = stack.enter_context(socket.create_connection(address, timeout=10))
        assert connection.recv(1) == b"!"


def test_every_worker_gets_its_share(workers, listening, monkeypatch):
    monkeypatch.setattr(accepting, "PATIENCE_SECONDS", 5)
    for worker in workers:
        worker.start()
    with contextlib.ExitStack() as stack:
        connected(stack, listening.getsockname(), 20)
        assert [worker.open for worker in workers] == [10, 10]


def test_who_has_more_takes_what_nobody_else_does(workers, listening):
    busy, idle = workers
    idle.start()
    with contextlib.ExitStack() as stack:
        connected(stack, listening.getsockname(), 5)
        assert (busy.open, idle.open) == (0, 5)


def test_a_new_worker_begins_without_the_connections_of_the_one_before(tmp_path):
    Shares.create(str(tmp_path), 2)
    first, other = Shares(str(tmp_path), 0), Shares(str(tmp_path), 1)
    first.count(1)
    assert first.is_anothers_turn
    assert not other.is_anothers_turn
    assert not Shares(str(tmp_path), 0).is_anothers_turn
