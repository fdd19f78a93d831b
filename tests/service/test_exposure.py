"""Who may ask: an address beyond this machine needs a key, and a key is checked."""

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from serve.guard import Guard, OpenServiceError, check_exposure


@pytest.fixture(autouse=True)
def _no_key(monkeypatch):
    monkeypatch.delenv("KAWAT_API_KEY", raising=False)
    monkeypatch.delenv("KAWAT_OPEN", raising=False)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.8.8.8"])
def test_loopback_is_free(host):
    check_exposure(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "example.org"])
def test_other_addresses_need_a_key_or_a_word(host, monkeypatch):
    with pytest.raises(OpenServiceError, match="KAWAT_API_KEY"):
        check_exposure(host)
    monkeypatch.setenv("KAWAT_OPEN", "1")
    check_exposure(host)
    monkeypatch.delenv("KAWAT_OPEN")
    monkeypatch.setenv("KAWAT_API_KEY", "secret")
    check_exposure(host)


def guarded() -> TestClient:
    async def answer(request):
        return PlainTextResponse("ok")

    app = Starlette(routes=[Route(path, answer) for path in ("/model", "/livez", "/")])
    return TestClient(Guard(app))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": "Basic secret"}, 401),
        ({"Authorization": "Bearer secret"}, 200),
        ({"Authorization": "bearer secret"}, 200),
    ],
)
def test_a_key_is_asked_for(headers, status, monkeypatch):
    monkeypatch.setenv("KAWAT_API_KEY", "secret")
    assert guarded().get("/model", headers=headers).status_code == status


def test_health_needs_no_key(monkeypatch):
    monkeypatch.setenv("KAWAT_API_KEY", "secret")
    assert guarded().get("/livez").status_code == 200
