"""A connection pooler such as PgBouncer, in session or transaction mode: as much of it as a client can see."""

import socket
import struct
from collections.abc import Generator
from contextlib import contextmanager, suppress
from threading import Lock, Thread
from typing import Literal
from urllib.parse import urlsplit

Mode = Literal["session", "transaction"]

# https://www.postgresql.org/docs/current/protocol-message-formats.html
_REFUSED_REQUESTS = {80877103, 80877104}
_KEY, _READY, _IDLE = b"K", b"Z", b"I"
_END_OF_REQUEST = {b"Q", b"S"}
_TERMINATE = b"X"
_OWN_PID = 4711


class _Pooler:
    def __init__(self, server: tuple[str, int], mode: Mode) -> None:
        self._server = server
        self._mode = mode
        self._idle: list[socket.socket] = []
        self._opened: list[socket.socket] = []
        self._lock = Lock()

    def serve(self, client: socket.socket) -> None:
        with suppress(OSError), client:
            server = self._log_in(client)
            if self._mode == "transaction":
                # Not the one that is used next: the last that was used is.
                self._idle.insert(0, server)
            while request := _request(client):
                server = server if self._mode == "session" else self._take()
                server.sendall(request)
                while self._answer(server, client) != _IDLE:
                    server.sendall(_request(client))
                if self._mode == "transaction":
                    self._idle.append(server)

    def close(self) -> None:
        for server in self._opened:
            server.close()

    def _take(self) -> socket.socket:
        with self._lock:
            return self._idle.pop()

    def _log_in(self, client: socket.socket) -> socket.socket:
        """Let the client and the server agree on a password, and tell the client a process id of our own."""
        server = socket.create_connection(self._server)
        self._opened.append(server)
        startup = _startup(client)
        server.sendall(startup)
        while True:
            kind, body = _message(server)
            if kind == _KEY:
                body = struct.pack("!I", _OWN_PID) + body[4:]
            client.sendall(_packed(kind, body))
            if kind == _READY:
                return server
            # A request for a password, or for the next step of one.
            if kind == b"R" and struct.unpack("!I", body[:4])[0] not in {0, 12}:
                server.sendall(_packed(*_message(client)))

    @staticmethod
    def _answer(server: socket.socket, client: socket.socket) -> bytes:
        """Pass one answer on; returns the state of the transaction after it."""
        while True:
            kind, body = _message(server)
            client.sendall(_packed(kind, body))
            if kind == _READY:
                return body


@contextmanager
def pooled(url: str, mode: Mode) -> Generator[str]:
    """The address of a pooler before the database of `url`."""
    address = urlsplit(url)
    pooler = _Pooler((address.hostname or "", address.port or 5432), mode)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=_accept, args=(listener, pooler), daemon=True).start()
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        try:
            yield address._replace(netloc=f"{address.username}:{address.password}@{host}").geturl()
        finally:
            # Wakes the thread, which a close alone does not.
            listener.shutdown(socket.SHUT_RDWR)
            pooler.close()


def _accept(listener: socket.socket, pooler: _Pooler) -> None:
    with suppress(OSError):
        while True:
            Thread(target=pooler.serve, args=(listener.accept()[0],), daemon=True).start()


def _startup(client: socket.socket) -> bytes:
    while True:
        head = _exactly(client, 8)
        length, code = struct.unpack("!II", head)
        if code not in _REFUSED_REQUESTS:
            return head + _exactly(client, length - 8)
        client.sendall(b"N")


def _request(client: socket.socket) -> bytes:
    """All messages up to the one that wants an answer; empty at the end of the connection."""
    request = b""
    while True:
        kind, body = _message(client)
        if kind == _TERMINATE:
            return b""
        request += _packed(kind, body)
        if kind in _END_OF_REQUEST:
            return request


def _message(connection: socket.socket) -> tuple[bytes, bytes]:
    head = _exactly(connection, 5)
    return head[:1], _exactly(connection, struct.unpack("!I", head[1:])[0] - 4)


def _packed(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body


def _exactly(connection: socket.socket, size: int) -> bytes:
    parts = b""
    while len(parts) < size:
        part = connection.recv(size - len(parts))
        if not part:
            raise ConnectionResetError
        parts += part
    return parts
