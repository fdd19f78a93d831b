"""Requests on the wire that mean no good are refused without a failure of the service's own."""

import json
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest
import uvicorn

from serve import protocol, receiving
from tests.processes import free_port
from tests.service import hostile


@contextmanager
def listening(app) -> Iterator[uvicorn.Server]:
    """Put the application on a socket of its own, as BentoML's worker serves it."""
    config = uvicorn.Config(app, port=free_port(), lifespan="off", log_config=None, server_header=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: server.started)
        yield server
    finally:
        server.should_exit = True
        thread.join(120)
    assert not thread.is_alive(), "the server did not stop"


def wait_until(condition) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


@pytest.fixture(scope="module")
def port(app, inside):
    with listening(app) as server:
        yield server.config.port


@pytest.mark.parametrize("count", [400, pytest.param(10_000, marks=pytest.mark.soak)])
def test_no_hostile_request_makes_the_service_fail(port, count):
    def ask(number):
        whole = hostile.request(random.Random(number), port)
        answer = hostile.ask(port, whole, patience=0.3)
        status = hostile.status(answer)
        assert status < 500, (number, whole[:300], answer[:300])
        if status >= 400:
            error = json.loads(answer.partition(b"\r\n\r\n")[2])
            assert error["error"]
            assert error["detail"]
        return status

    # Side by side, since many of them keep the service waiting for what never comes.
    with ThreadPoolExecutor(8) as pool:
        seen = Counter(pool.map(ask, range(count)))
    assert {200, 400, 404, 405, 415} <= set(seen), seen
    assert hostile.status(hostile.ask(port, good(port))) == 200


def good(port: int, *, close: bool = True) -> bytes:
    head = f"POST /classify HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    head += "Connection: close\r\n" if close else ""
    return f"{head}Content-Length: {len(hostile.GOOD)}\r\n\r\n".encode() + hostile.GOOD


def test_slow_senders_are_given_up_while_others_are_answered(port, monkeypatch):
    monkeypatch.setattr(protocol, "HEADER_SECONDS", 1.0)
    monkeypatch.setattr(receiving, "RECEIVE_SECONDS", 1.0)
    whole = good(port, close=False)
    body = whole.index(b"\r\n\r\n") + 10
    slow = {"nothing": b"", "headers": whole[:60], "body": whole[:body], "a second request": whole}
    connections = {name: socket.create_connection(("127.0.0.1", port), 20) for name in slow}
    for name, connection in connections.items():
        connection.sendall(slow[name])
    assert hostile.status(connections["a second request"].recv(65536)) == 200
    connections["a second request"].sendall(whole[:60])
    assert hostile.status(hostile.ask(port, good(port))) == 200
    for name, connection in connections.items():
        answer = bytearray()
        while part := connection.recv(65536):
            answer += part
        connection.close()
        last = bytes(answer[answer.rindex(b"HTTP/1.1 ") :])
        assert hostile.status(last) == 408, name
        assert json.loads(last.partition(b"\r\n\r\n")[2])["error"] == "timeout"


def test_ten_megabytes_are_refused_and_the_sender_learns_why(port):
    for _ in range(5):
        response = httpx.post(
            f"http://127.0.0.1:{port}/classify", content=b'{"text": "' + b"a" * 10_000_000 + b'"}',
            headers={"Content-Type": "application/json"}, trust_env=False, timeout=30,
        )  # fmt: skip
        assert response.status_code == 413


def test_what_is_begun_is_finished_when_the_server_is_told_to_stop(app, inside):
    batch = {"articles": [{"text": f"Rusia mengirim rudal ke India pada {n}. " * 20} for n in range(1000)]}
    with ThreadPoolExecutor(1) as pool:
        with listening(app) as server:
            url = f"http://127.0.0.1:{server.config.port}/classify_batch"
            asked = pool.submit(httpx.post, url, json=batch, trust_env=False, timeout=120)
            wait_until(lambda: receiving.Body.held or asked.done())
        answer = asked.result()
    assert answer.status_code == 200
    assert len(answer.json()["results"]) == 1000


@pytest.mark.parametrize("endless", [b"GET / HTTP/1.1\r\nX: " + b"a" * 20_000, b"GET /" + b"a" * 20_000])
def test_headers_without_end_are_refused_when_they_are_too_many(port, endless):
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        sent = 0
        while sent < 2 * protocol.MAX_HEADERS:
            try:
                connection.sendall(endless if not sent else b"a" * 20_000)
            except (ConnectionResetError, BrokenPipeError):
                break  # it was refused before all of it was sent
            sent += 20_000
            time.sleep(0.05)
        answer = connection.recv(65536)
    assert hostile.status(answer) == 400
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"] == "invalid_request"
    assert sent < 2 * protocol.MAX_HEADERS
