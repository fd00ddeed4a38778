"""PostgreSQL and Valkey for one run: servers of our own, or those that the environment names."""

import os
import shutil
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from scripts.local.errors import LocalServiceError
from scripts.local.instances import LOCAL, Instance, claim_instance
from scripts.local.postgres import Postgres
from scripts.local.processes import Processes
from scripts.local.valkey import Valkey

T = TypeVar("T")


class LocalServices:
    """A context with a running database and broker.

    `AULA_DATABASE_URL` and `AULA_REDIS_URL` name running servers. A server that is not named is started,
    keeps its data in `.local/NAME-N/`, and ends with the context or with this process.
    """

    def __init__(self, name: str, *, parent: Path = LOCAL, fresh: bool = False) -> None:
        """Use the first free folder NAME-N; `fresh` empties it first."""
        self._name = name
        self._parent = parent
        self._fresh = fresh
        self._stack = ExitStack()
        self._instance: Instance | None = None
        self._processes: Processes | None = None
        self._postgres: Postgres | None = None
        self._valkey: Valkey | None = None

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._instance = stack.enter_context(claim_instance(self._name, parent=self._parent))
            if self._fresh:
                _empty(self._instance.folder)
            logs = self._instance.folder / "logs"
            self._processes = stack.enter_context(Processes(logs, pass_fds=[self._instance.lock]))
            if not os.environ.get("AULA_DATABASE_URL"):
                self._postgres = Postgres(self._processes, self._instance.folder / "postgres")
                stack.callback(self._postgres.stop)
                self._postgres.start()
            if not os.environ.get("AULA_REDIS_URL"):
                self._valkey = Valkey(self._processes, self._instance.folder / "valkey")
                self._valkey.start()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def restart_ended(self) -> list[str]:
        """Restart our servers that have ended, with their data. Returns how each ended.

        Raises:
            LocalServiceError: one of them cannot be started.
        """
        servers = [server for server in (self._postgres, self._valkey) if server is not None]
        ended = [server for server in servers if not server.process.running]
        descriptions = [server.process.describe_end() for server in ended]
        for server in ended:
            server.start()
        return descriptions

    @property
    def instance(self) -> Instance:
        """The folder of this run and its number."""
        return _require(self._instance, "the context of LocalServices has not been entered")

    @property
    def folder(self) -> Path:
        """The folder of this run, `.local/NAME-N`."""
        return self.instance.folder

    @property
    def processes(self) -> Processes:
        """Starts further processes that end with these services; logs are in the same folder."""
        return _require(self._processes, "the context of LocalServices has not been entered")

    @property
    def postgres(self) -> Postgres:
        """Our own PostgreSQL server.

        Raises:
            LocalServiceError: the environment named another one.
        """
        return _require(self._postgres, "the database is the one of AULA_DATABASE_URL")

    @property
    def valkey(self) -> Valkey:
        """Our own Valkey server.

        Raises:
            LocalServiceError: the environment named another one.
        """
        return _require(self._valkey, "the broker is the one of AULA_REDIS_URL")

    @property
    def owns_database(self) -> bool:
        """Whether the database server is ours."""
        return self._postgres is not None

    @property
    def owns_broker(self) -> bool:
        """Whether the broker is ours."""
        return self._valkey is not None

    @property
    def database_url(self) -> str:
        """The address of the database, password included."""
        return os.environ.get("AULA_DATABASE_URL") or self.postgres.url()

    @property
    def redis_url(self) -> str:
        """The address of the broker, password included."""
        return os.environ.get("AULA_REDIS_URL") or self.valkey.url()


def _require(value: T | None, message: str) -> T:
    if value is None:
        raise LocalServiceError(message)
    return value


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.name == "lock":
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
