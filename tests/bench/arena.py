"""Where a contestant runs: a database of its own, copied from one that was loaded once, and an empty broker."""

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, LiteralString, TypeVar

import psutil
import psycopg
import redis
from psycopg import sql
from sqlalchemy.orm import Session

from db.engine import make_engine, make_sessions
from scripts.local.instances import ROOT
from scripts.local.processes import Process
from scripts.local.services import LocalServices
from tests.support.databases import migrate, with_database

PROCESSES: Final = 2
# Orders of a transaction while a database is loaded.
_PORTION: Final = 1000

Load = Callable[[Session, int], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Arena:
    """The database and the broker of one run, and the processes it starts."""

    services: LocalServices
    database_url: str
    started: list[Process] = field(default_factory=list[Process])

    @property
    def env(self) -> dict[str, str]:
        return {
            "AULA_ENV": "test",
            "AULA_DATABASE_URL": self.database_url,
            "AULA_REDIS_URL": self.services.redis_url,
            "AULA_WORKER_PROCESSES": str(PROCESSES),
        }

    def start(self, name: str, *arguments: str) -> Process:
        """Start `python -m ARGUMENTS`."""
        command = [sys.executable, "-m", *arguments]
        process = self.services.processes.start(name, command, env=self.env, cwd=ROOT)
        self.started.append(process)
        return process

    def run(self, *arguments: str) -> str:
        """Run `python -m ARGUMENTS` to its end; gives what it printed. Raises RuntimeError with its complaint."""
        command = [sys.executable, "-m", *arguments]
        done = subprocess.run(  # noqa: S603 - our own modules
            command, env={**os.environ, **self.env}, cwd=ROOT, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(arguments)} failed:\n{done.stderr[-2000:]}")
        return done.stdout

    def load(self, **options: object) -> dict[str, float]:
        """Run tests.bench.load; gives what it found. Through a file: a pipe holds less than a long run tells."""
        told = self.services.folder / "load.json"
        given = {**options, "result": told}
        self.run("tests.bench.load", *(word for name, value in given.items() for word in (f"--{name}", str(value))))
        return json.loads(told.read_text(encoding="utf-8"))

    def check(self) -> None:
        """Raise RuntimeError with the end of the log when a process has ended with a fault."""
        for process in self.started:
            if process.returncode:
                raise RuntimeError(f"{process.name} ended with {process.returncode}:\n{process.tail()}")

    def wait(self, what: str, seconds: float, found: Callable[[], T | None]) -> T:
        """Wait until `found` gives something. Raises TimeoutError with the ends of the logs."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.check()
            value = found()
            if value is not None:
                return value
            time.sleep(0.05)
        tails = "\n".join(f"--- {process.name}\n{process.tail(8)}" for process in self.started)
        raise TimeoutError(f"{what}: not within {seconds:.0f} s\n{tails}")

    def wait_for_worker(self) -> None:
        """Wait until a worker listens at the broker."""
        with redis.from_url(self.services.redis_url) as client:
            self.wait("a worker at the broker", 60, lambda: _listening(client))

    def processor_seconds(self) -> dict[str, float]:
        """What each part has used of the processors since it started."""
        parts: dict[str, float] = {}
        if self.services.owns_database:
            parts["PostgreSQL"] = _used(self.services.postgres.process.pid)
        if self.services.owns_broker:
            parts["broker"] = _used(self.services.valkey.process.pid)
        for process in self.started:
            if process.running:
                parts[process.name] = parts.get(process.name, 0.0) + _used(process.pid)
        return parts


def _listening(client: "redis.Redis") -> bool | None:
    clients = client.client_list()  # pyright: ignore[reportUnknownMemberType] - redis-py's own
    return True if any(one["cmd"] == "brpop" for one in clients) else None


def _used(pid: int) -> float:
    """Of a process, of its living descendants, and of those that it has buried."""
    total = 0.0
    process = psutil.Process(pid)
    for one in [process, *process.children(recursive=True)]:
        try:
            total += sum(one.cpu_times()[:4])
        except psutil.NoSuchProcess:
            continue
    return total


class Arenas:
    """Makes arenas. A database for a load and a count is filled once; each run gets a copy, byte for byte."""

    def __init__(self, services: LocalServices) -> None:
        self._services = services
        self._loaded: dict[tuple[Load, int], str] = {}

    @contextmanager
    def open(self, load: Load, count: int) -> Generator[Arena]:
        template = self._template(load, count)
        name = f"bench_{secrets.token_hex(4)}"
        with redis.from_url(self._services.redis_url) as client:
            client.flushall()  # pyright: ignore[reportUnknownMemberType] - redis-py's own
        self._execute("create database {} template {} strategy file_copy", name, template)
        self._execute("checkpoint")
        arena = Arena(self._services, with_database(self._services.database_url, name))
        try:
            yield arena
            arena.check()
        finally:
            self._services.processes.stop(*arena.started)
            self._execute("drop database {} with (force)", name)

    def _template(self, load: Load, count: int) -> str:
        if (load, count) not in self._loaded:
            name = f"template_{secrets.token_hex(4)}"
            self._execute("create database {}", name)
            _fill(with_database(self._services.database_url, name), load, count)
            self._loaded[load, count] = name
        return self._loaded[load, count]

    def _execute(self, statement: LiteralString, *names: str) -> None:
        with psycopg.connect(self._services.database_url, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def portions(count: int) -> Sequence[int]:
    return [min(_PORTION, count - done) for done in range(0, count, _PORTION)]


def _fill(url: str, load: Load, count: int) -> None:
    migrate(url)
    engine = make_engine(url, 1)
    with make_sessions(engine)() as session:
        load(session, count)
    engine.dispose()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("vacuum (analyze, freeze)")
