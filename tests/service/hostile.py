"""Requests that mean no good: cut, mislabelled, nested, oversized, compressed, or no HTTP at all."""

import gzip
import json
import random
import socket
import zlib

GOOD = json.dumps({"text": "Rusia mengirim rudal S-400 ke Turki.", "title": "Kabar"}).encode()
ODD = [
    b"NaN", b"Infinity", b"-0", b"1e999", b"9" * 5000, b"1" + b"0" * 400 + b".5", b"null", b"true", b'"\\u0000"', b'"\\ud83d"',
    b'"\xed\xa0\x80"', b'"\xff"', b"[]", b"{}", b'"\x01"', b'"\x7f\x80"', b"'text'", b"//", b"/*", b"\xef\xbb\xbf{}",
]  # fmt: skip


def body(draw: random.Random) -> bytes:
    """A body that is nearly right, or not at all."""
    kind = draw.randrange(9)
    if kind == 0:
        return GOOD[: draw.randrange(len(GOOD))]
    if kind == 1:
        depth = draw.choice([10, 200, 1000, 50_000])
        opening, closing = draw.choice([(b"[", b"]"), (b'{"text":', b"}")])
        return opening * depth + draw.choice([b"", closing * depth])
    if kind == 2:
        return b'{"text": ' + draw.choice(ODD) + b"}"
    if kind == 3:
        return b'{"articles": [' + b",".join(draw.choice([GOOD, *ODD]) for _ in range(draw.randrange(1, 6))) + b"]}"
    if kind == 4:
        spoilt = bytearray(GOOD)
        for _ in range(draw.randrange(1, 6)):
            spoilt[draw.randrange(len(spoilt))] = draw.randrange(256)
        return bytes(spoilt)
    if kind == 5:
        characters = "".join(
            chr(draw.choice([draw.randrange(32), draw.randrange(0x300), 0x202E, 0x1F600, 0xFFFD, 0x0301]))
            for _ in range(draw.randrange(1, 400))
        )
        return json.dumps({"text": characters, "title": characters[::-1], "language": characters[:5]}).encode()
    if kind == 6:
        name = draw.choice(['"text"', '"title"', '"published"', '"labels"', '"__proto__"', '"' + "k" * 3000 + '"'])
        return b'{"text": "rudal", ' + f"{name}: ".encode() + draw.choice([GOOD, *ODD]) + b"}"
    if kind == 7:
        return draw.randbytes(draw.randrange(2000))
    return draw.choice(
        [GOOD, b"", b" " * 1000, b"0", b"{" + b'"a":1,' * 20_000 + b'"b":1}', b'{"text": "' + b"<" * 150_000 + b'"}']
    )


def request(draw: random.Random, port: int) -> bytes:
    """A whole request, right or wrong."""
    content = body(draw)
    headers = {
        b"Host": b"127.0.0.1:%d" % port,
        b"Content-Type": b"application/json",
        b"Content-Length": b"%d" % len(content),
        b"Connection": b"close",
    }
    method = draw.choice([b"POST"] * 12 + [b"GET", b"PUT", b"TRACE", b"\x00", b"P" * 300])
    path = draw.choice(
        [b"/classify"] * 8
        + [b"/classify_batch"] * 4
        + [b"/explain"] * 4
        + [
            b"/labels",
            b"/%00",
            b"/../../etc/passwd",
            b"/" + b"a" * 5000,
            b"*",
            b"/classify?" + b"q" * 500,
            b"//classify",
        ]
    )
    match draw.randrange(14):
        case 0:
            headers[b"Content-Length"] = draw.choice(
                [b"-1", b"0", b"5", b"1e3", b"99999999999999999999", b"abc", b"%d" % (len(content) + 50)]
            )
        case 1:
            content = draw.choice([gzip.compress, zlib.compress])(content * 50)
            headers |= {
                b"Content-Encoding": draw.choice([b"gzip", b"deflate", b"br"]),
                b"Content-Length": b"%d" % len(content),
            }
        case 2:
            del headers[b"Content-Length"]
            headers[b"Transfer-Encoding"] = b"chunked"
            content = draw.choice(
                [b"%x\r\n%s\r\n0\r\n\r\n" % (len(content), content), b"zz\r\n" + content, b"5\r\nab", b"-1\r\n\r\n"]
            )
        case 3:
            headers[b"Content-Type"] = draw.choice(
                [
                    b"text/plain",
                    b"multipart/form-data",
                    b"application/vnd.bentoml+pickle",
                    b"application/json; charset=utf-16",
                    b"",
                    b"a" * 5000,
                ]
            )
        case 4:
            headers[
                draw.choice([b"X" * 500, b"Origin", b"Authorization", b"Cookie", b"Expect", b"Upgrade", b"Host"])
            ] = draw.choice([b"100-continue", b"websocket", b"null", b"\xff\xfe", b"a" * 3000])
        case 5:
            headers[b"X"] = b"a" * 70_000
        case 6:
            return draw.randbytes(draw.randrange(1, 500)) + b"\r\n\r\n"
    head = b"%s %s HTTP/1.1\r\n" % (method, path)
    whole = head + b"".join(b"%s: %s\r\n" % pair for pair in headers.items()) + b"\r\n" + content
    return whole if draw.random() < 0.9 else whole[: draw.randrange(1, len(whole))]


def ask(port: int, whole: bytes, patience: float = 60) -> bytes:
    """Send bytes and return all that comes back; after `patience` seconds of silence, say that there are no more."""
    answer = bytearray()
    with socket.create_connection(("127.0.0.1", port), patience) as connection:
        try:
            connection.sendall(whole)
            while True:
                try:
                    part = connection.recv(65536)
                except TimeoutError:
                    connection.settimeout(30)
                    connection.shutdown(socket.SHUT_WR)
                    continue
                if not part:
                    break
                answer += part
        except (ConnectionResetError, BrokenPipeError):
            pass  # it was refused before all of it was read
    return bytes(answer)


def status(answer: bytes) -> int:
    """Status of an answer; 0 for none at all."""
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0
