"""Who may ask: an address beyond this machine needs a key, a key is checked, and strangers' pages are kept out."""

import sys

import pytest
from pydantic import BaseModel
from starlette.testclient import TestClient

from serve.front import Front
from serve.guard import Access, OpenServiceError, check_exposure
from serve.routes import Answer, Route
from tests.processes import ROOT, free_port, run


@pytest.fixture(autouse=True)
def _no_key(monkeypatch):
    for name in ("KAWAT_API_KEY", "KAWAT_OPEN", "KAWAT_HOSTS"):
        monkeypatch.delenv(name, raising=False)


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


@pytest.mark.parametrize("arguments", [[], ["--host", "192.168.1.7"]])
def test_bentoml_itself_does_not_start_it_for_everyone(arguments, tmp_path):
    """However the service is started, as a Bento too, it looks before it listens."""
    command = [sys.executable, "-m", "bentoml", "serve", "serve.service:Kawat", "--port", str(free_port()), *arguments]
    done = run(*command, cwd=ROOT, timeout=60, BENTOML_DO_NOT_TRACK="True", HOME=str(tmp_path))
    assert done.returncode == 2, done.stderr
    assert "KAWAT_API_KEY" in done.stderr
    assert "Traceback" not in done.stderr


async def _inner(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})


METHODS = {path: frozenset({"GET", "POST"}) for path in ("/model", "/livez", "/", "/other")}


class Anything(BaseModel):
    """A body without any field that counts."""


async def _nothing(desk, body):
    return Answer(b"{}")


ROUTES = {"/other": Route(Anything, Anything, _nothing)}


def guarded(base_url: str = "http://127.0.0.1:3000", **environment: str) -> TestClient:
    return TestClient(Front(_inner, None, ROUTES, METHODS, Access(environment)), base_url=base_url)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": "Bearer "}, 401),
        ({"Authorization": "Basic secret"}, 401),
        ({"Authorization": "Bearer secret"}, 200),
        ({"Authorization": "bearer secret"}, 200),
    ],
)
def test_a_key_is_asked_for(headers, status):
    response = guarded(KAWAT_API_KEY="secret").get("/model", headers=headers)
    assert response.status_code == status
    assert (response.headers.get("www-authenticate") == "Bearer") == (status == 401)


@pytest.mark.parametrize("path", ["/livez", "/"])
def test_health_and_the_page_need_no_key(path):
    assert guarded(KAWAT_API_KEY="secret").get(path).status_code == 200


def test_a_key_is_asked_for_before_a_stranger_learns_which_routes_there_are():
    assert guarded(KAWAT_API_KEY="secret").get("/nowhere").status_code == 401


def test_beyond_this_machine_nobody_is_answered_without_a_key_however_it_was_started():
    beyond = "http://192.168.1.7:3000"
    assert guarded(beyond).get("/model").status_code == 403
    assert guarded(beyond).get("/livez").status_code == 200
    assert guarded(beyond, KAWAT_OPEN="1").get("/model").status_code == 200
    assert guarded(beyond, KAWAT_API_KEY="a").get("/model", headers={"Authorization": "Bearer a"}).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:3000", 200),
        ("localhost", 200),
        ("[::1]:3000", 200),
        ("rebound.example", 403),
        ("rebound.example:3000", 403),
        ("localhost.example", 403),
        ("127.0.0.1.example", 403),
    ],
)
def test_a_rebound_name_is_not_answered(host, status):
    assert guarded().get("/model", headers={"Host": host}).status_code == status


def test_names_of_its_own_can_be_given():
    client = guarded(KAWAT_HOSTS="kawat.example, desk.example")
    assert client.get("/model", headers={"Host": "desk.example:80"}).status_code == 200
    assert client.get("/model", headers={"Host": "other.example"}).status_code == 403
    assert guarded(KAWAT_HOSTS="*").get("/model", headers={"Host": "any.example"}).status_code == 200


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1:3000", 200),
        ("http://127.0.0.1:8000", 403),
        ("http://localhost:3000", 403),
        ("https://example.org", 403),
        ("null", 403),
    ],
)
def test_pages_of_other_origins_cannot_post(origin, status):
    assert guarded().post("/other", json={}, headers={"Origin": origin}).status_code == status


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, identity"])
def test_compressed_bodies_are_refused(encoding):
    response = guarded().post("/other", json={}, headers={"Content-Encoding": encoding})
    assert response.status_code == 415
    assert response.json()["error"] == "unsupported_media_type"


@pytest.mark.parametrize("path", ["/", "/model", "/nowhere"])
def test_every_answer_has_security_headers(path):
    headers = guarded().get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
