"""Limits: how large, how slow, how many, how long; and that what is refused is told in the one shape."""

import asyncio
import gzip
import json

import pytest

from serve import receiving, work
from serve.receiving import Body, Disconnected
from serve.routes import ROUTES
from serve.schemas import MAX_CHARACTERS


def test_the_limit_of_a_text_is_that_of_the_features():
    from features import article

    assert article.MAX_CHARACTERS == MAX_CHARACTERS


def post(inside, body: bytes, path: str = "/classify", **headers: str):
    return inside.post(path, content=body, headers={"Content-Type": "application/json"} | headers)


def test_a_body_over_the_limit_is_refused_whether_its_length_is_told_or_not(inside):
    big = b'{"text": "' + b"a" * receiving.MAX_BODY + b'"}'
    told = post(inside, big)
    untold = inside.post(
        "/classify", content=iter([big[:5_000_000], big[5_000_000:]]), headers={"Content-Type": "application/json"}
    )
    for response in (told, untold):
        assert response.status_code == 413
        assert response.json()["error"] == "too_large"


def test_a_compressed_bomb_is_not_unpacked(inside):
    response = post(inside, gzip.compress(b" " * 10_000_000), **{"Content-Encoding": "gzip"})
    assert response.status_code == 415


def body_of(*messages: dict, pause: float = 0.0) -> Body:
    waiting = list(messages)

    async def receive():
        await asyncio.sleep(pause)
        return waiting.pop(0)

    return Body(receive, {b"content-length": b"100"})


def part(content: bytes, more: bool) -> dict:
    return {"type": "http.request", "body": content, "more_body": more}


def test_a_slow_body_is_given_up(monkeypatch):
    monkeypatch.setattr(receiving, "RECEIVE_SECONDS", 0.05)
    body = body_of(*[part(b"{", True)] * 1000, pause=0.01)
    with pytest.raises(receiving.RequestError) as caught:
        asyncio.run(body.read())
    assert caught.value.status == 408
    assert body.may_come


def test_what_is_held_is_counted_and_released(monkeypatch):
    before = Body.held
    body = body_of(part(b"abc", True), part(b"de", False))
    assert asyncio.run(body.read()) == b"abcde"
    assert Body.held == before + 5
    assert not body.may_come
    body.release()
    assert Body.held == before
    monkeypatch.setattr(receiving, "MAX_HELD", before + 4)
    body = body_of(part(b"abcde", False))
    with pytest.raises(receiving.RequestError) as caught:
        asyncio.run(body.read())
    assert caught.value.status == 503
    body.release()
    assert Body.held == before


def test_a_sender_who_leaves_is_no_failure():
    body = body_of(part(b"abc", True), {"type": "http.disconnect"})
    with pytest.raises(Disconnected):
        asyncio.run(body.read())


def test_who_leaves_in_the_middle_of_the_body_gets_no_answer_and_no_error(app, inside):
    messages = [part(b'{"te', True), {"type": "http.disconnect"}]
    sent = []

    async def receive():
        return messages.pop(0)

    async def send(message):
        sent.append(message)

    headers = [(b"host", b"127.0.0.1"), (b"content-type", b"application/json"), (b"content-length", b"99")]
    scope = {"type": "http", "method": "POST", "path": "/classify", "headers": headers, "server": ("127.0.0.1", 80)}
    asyncio.run(app(scope, receive, send))
    assert sent == []


@pytest.fixture
def desk(inside):
    from serve import service

    return work.Desk(service.champion)


BATCH = ROUTES["/classify_batch"].takes.model_validate(
    {"articles": [{"text": f"Rusia mengirim rudal ke India pada {year}."} for year in range(1900, 2100)]}
)


def test_the_deadline_ends_the_work(desk, monkeypatch):
    pieces = []
    real = work.results_of
    monkeypatch.setattr(work, "results_of", lambda *given: pieces.append(1) or real(*given))
    monkeypatch.setattr(work, "DEADLINE_SECONDS", 0.0)

    async def ask():
        with pytest.raises(receiving.RequestError) as caught:
            await ROUTES["/classify_batch"].work(desk, BATCH)
        done = len(pieces)
        await asyncio.sleep(0.1)
        return caught.value, done

    error, done = asyncio.run(ask())
    assert (error.status, error.code) == (504, "deadline")
    assert done == len(pieces) < len(BATCH.articles) / work._PIECE


def test_too_many_are_sent_away_while_health_stays_green(desk, app, inside, monkeypatch):
    monkeypatch.setattr(work, "MAX_WAITING", 3)
    article = BATCH.articles[0]

    async def ask():
        return await asyncio.gather(
            *(ROUTES["/classify"].work(desk, article) for _ in range(10)), return_exceptions=True
        )

    answers = asyncio.run(ask())
    refused = [answer for answer in answers if isinstance(answer, receiving.RequestError)]
    assert len(refused) == 7
    assert {(error.status, error.code, error.headers["Retry-After"]) for error in refused} == {(503, "overloaded", "1")}
    monkeypatch.setattr(work, "MAX_WAITING", 0)
    assert post(inside, b'{"text": "rudal"}').headers["retry-after"] == "1"
    assert inside.get("/livez").status_code == inside.get("/readyz").status_code == 200


def test_those_that_wait_together_get_the_answers_they_get_alone(desk, inside):
    articles = BATCH.articles[:40]

    async def ask():
        return await asyncio.gather(*(ROUTES["/classify"].work(desk, article) for article in articles))

    together = [json.loads(answer.body) for answer in asyncio.run(ask())]
    alone = [post(inside, article.model_dump_json().encode()).json() for article in articles]
    assert [answer["id"] for answer in together] == [answer["id"] for answer in alone]
    for one, other in zip(together, alone, strict=True):
        assert one["labels"] == other["labels"]
        assert one["scores"] == pytest.approx(other["scores"], abs=1e-5)


def test_one_bad_article_does_not_spoil_those_it_waits_with(desk, inside, monkeypatch):
    texts = ["Rusia mengirim rudal.", "...", "Iran diberi sanksi.", "GAGAL"]
    articles = [ROUTES["/classify"].takes(text=text) for text in texts]
    real = work.results_of

    def failing(model, documents):
        if any(document.article.text == "GAGAL" for document in documents):
            raise ValueError("GAGAL")
        return real(model, documents)

    monkeypatch.setattr(work, "results_of", failing)

    async def ask():
        return await asyncio.gather(
            *(ROUTES["/classify"].work(desk, article) for article in articles), return_exceptions=True
        )

    first, empty, second, failed = asyncio.run(ask())
    assert json.loads(first.body)["model"] == json.loads(second.body)["model"]
    assert empty.status == 400
    assert isinstance(failed, ValueError)


def test_a_failure_is_told_without_the_text(inside, monkeypatch, capsys):
    def failing(model, documents):
        raise ValueError("KALIMATRAHASIA")

    monkeypatch.setattr(work, "results_of", failing)
    response = post(inside, b'{"text": "KALIMATRAHASIA"}')
    assert response.status_code == 500
    assert response.json()["error"] == "internal_error"
    assert "KALIMATRAHASIA" not in response.text
    log = capsys.readouterr().err
    assert "ValueError at " in log
    assert "KALIMATRAHASIA" not in log


def test_a_request_is_one_line_of_json_in_the_log(inside, capsys):
    post(
        inside,
        b'{"text": "Rusia mengirim rudal S-400 ke Turki.", "title": "KALIMATRAHASIA"}',
        Authorization="Bearer RAHASIA",
    )
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert len(lines) == 1
    assert lines[0].pop("time") > 1.7e9
    assert lines[0].pop("ms") > 0
    assert lines[0].pop("labels") is not None
    assert lines[0] == {
        "route": "/classify",
        "method": "POST",
        "status": 200,
        "model": "1",
        "articles": 1,
        "length": 36,
    }


def test_a_made_up_route_is_not_repeated_in_log_or_metrics(inside, capsys):
    inside.get("/KALIMATRAHASIA")
    assert json.loads(capsys.readouterr().err)["route"] == "other"
    assert "KALIMATRAHASIA" not in inside.get("/metrics").text


def test_metrics_count_requests_labels_and_what_happened_to_the_model(inside):
    post(inside, b'{"text": "Rusia mengirim rudal S-400 ke Turki."}')
    text = inside.get("/metrics").text
    for name in (
        "kawat_requests_total",
        "kawat_request_seconds_count",
        "kawat_articles_total",
        "kawat_model_version",
        "kawat_swaps_total",
        "kawat_lookup_failures_total",
    ):
        assert name in text
    assert 'kawat_requests_total{route="/classify",status="200"}' in text


def test_a_million_mistakes_are_not_listed(inside):
    keys = ",".join(f'"k{number}":1' for number in range(100_000))
    response = post(inside, f"{{{keys}}}".encode())
    assert response.status_code == 400
    assert len(response.content) < 1000
    fewer = ",".join(f'"k{number}":1' for number in range(100))
    assert "80 more" in post(inside, f'{{"text":"a",{fewer}}}'.encode()).json()["detail"][-1]["msg"]
