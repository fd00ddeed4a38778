"""A proxy whose connections can go silent: they stay open, and nothing passes any more. New ones work."""

import socket
from collections.abc import Generator
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread
from urllib.parse import urlsplit

_READ = 65536


class SilentProxy:
    """Passes bytes between clients and one server. `url` is the address of the proxy."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._server = (parts.hostname or "127.0.0.1", parts.port or 0)
        self._listening = socket.create_server(("127.0.0.1", 0))
        port = self._listening.getsockname()[1]
        address = f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{port}"
        self.url = parts._replace(netloc=address).geturl()
        self._silent = Event()
        self._opened: list[socket.socket] = []
        self._lock = Lock()

    def silence(self) -> None:
        """Connections that are open now pass nothing more, and are not closed."""
        with self._lock:
            self._silent.set()
            self._silent = Event()

    def serve(self) -> None:
        """Accept clients until `close`."""
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(self._server)
                with self._lock:
                    silent = self._silent
                    self._opened += [client, server]
                for source, target in ((client, server), (server, client)):
                    Thread(target=_pass_on, args=(source, target, silent), daemon=True).start()

    def close(self) -> None:
        """End every connection."""
        for one in (self._listening, *self._opened):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


def _pass_on(source: socket.socket, target: socket.socket, silent: Event) -> None:
    with suppress(OSError):
        while (data := source.recv(_READ)) or silent.is_set():
            if silent.is_set():
                # Held open, and read no more.
                return
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@contextmanager
def silent_proxy(url: str) -> Generator[SilentProxy]:
    """A proxy before the server of `url`, with the same login and path."""
    proxy = SilentProxy(url)
    Thread(target=proxy.serve, daemon=True).start()
    try:
        yield proxy
    finally:
        proxy.close()
