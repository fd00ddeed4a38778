"""A connection: the size of a request's head, and the time in which a request must arrive."""

import socket
from collections.abc import Generator
from contextlib import closing, contextmanager

import pytest

from api import connection
from api.connection import MAX_HEAD
from tests.support.api_harness import ApiHarness
from tests.support.waiting import wait_until


@contextmanager
def connected(api: ApiHarness) -> Generator[socket.socket]:
    host, port = api.url.removeprefix("http://").split(":")
    with closing(socket.create_connection((host, int(port)), timeout=20)) as client:
        yield client


def answer(client: socket.socket) -> bytes:
    """All that the server sends until it closes."""
    parts: list[bytes] = []
    try:
        while part := client.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        # It closed while more was on its way.
        pass
    return b"".join(parts)


def test_a_head_within_its_limit_is_read(api: ApiHarness) -> None:
    with connected(api) as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: " + b"x" * 30_000 + b"\r\n\r\n")
        assert answer(client).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("size", [MAX_HEAD, 200_000], ids=["in-pieces", "in-one"])
@pytest.mark.parametrize("where", ["header", "path", "names"])
def test_a_larger_head_is_refused(api: ApiHarness, where: str, size: int) -> None:
    heads = {
        "header": b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: " + b"x" * size + b"\r\n\r\n",
        "path": b"GET /" + b"x" * size + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        "names": b"GET /healthz HTTP/1.1\r\nHost: a\r\n"
        + b"".join(b"X%d: 1\r\n" % n for n in range(size // 5))
        + b"\r\n",
    }
    with connected(api) as client:
        client.sendall(heads[where])
        found = answer(client)
    assert found.startswith(b"HTTP/1.1 431 ")
    assert b"application/problem+json" in found
    assert b"head_too_large" in found


def test_an_endless_header_is_cut_off(api: ApiHarness) -> None:
    with connected(api) as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\nX: ")
        with pytest.raises(OSError, match=r"Broken pipe|reset|aborted"):
            client.sendall(b"x" * 50 * 2**20)


def test_the_second_request_of_a_connection_has_the_limit_too(api: ApiHarness) -> None:
    with connected(api) as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        wait_until(lambda: client.recv(65536).startswith(b"HTTP/1.1 200"), "the first is answered")
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 40_000)
        assert b"431" in answer(client)


@pytest.mark.parametrize(
    ("sent", "limit"),
    [
        (b"", "HEAD_SECONDS"),
        (b"GET /healthz HTTP/1.1\r\nHos", "HEAD_SECONDS"),
        (b"POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\n{", "BODY_SECONDS"),
        (b"POST /webhooks/stripe HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\n{", "BODY_SECONDS"),
    ],
    ids=["nothing", "half-a-head", "half-a-body", "half-a-delivery"],
)
def test_a_request_that_does_not_arrive_is_ended(
    api: ApiHarness, monkeypatch: pytest.MonkeyPatch, sent: bytes, limit: str
) -> None:
    monkeypatch.setattr(connection, limit, 0.2)
    with connected(api) as client:
        client.sendall(sent)
        found = answer(client)
    assert found.startswith(b"HTTP/1.1 408 ")
    assert b"request_too_slow" in found


def test_a_broken_request_after_a_refusal_is_not_read(api: ApiHarness) -> None:
    with connected(api) as client:
        client.sendall(
            b"POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nX: " + b"x" * 40_000 + b"\r\n\r\n{}{}{}{}{"
        )
        assert answer(client).count(b"HTTP/1.1") == 1
