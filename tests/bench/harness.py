"""Creates the environment of each run: a copy of a database that was loaded once, and an empty broker."""

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
# Orders per transaction while a database is loaded.
_CHUNK_SIZE: Final = 1000

Loader = Callable[[Session, int], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Environment:
    """The database, the broker and the processes of one run."""

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
            # No measure is about the limit on attempts.
            "AULA_RATE_LIMIT_ATTEMPTS": "10000",
        }

    def start(self, name: str, *arguments: str) -> Process:
        """Start `python -m ARGUMENTS`."""
        command = [sys.executable, "-m", *arguments]
        process = self.services.processes.start(name, command, env=self.env, cwd=ROOT)
        self.started.append(process)
        return process

    def run(self, *arguments: str) -> str:
        """Run `python -m ARGUMENTS` and return its output. Raises RuntimeError with its error output."""
        command = [sys.executable, "-m", *arguments]
        done = subprocess.run(  # noqa: S603 - our own modules
            command, env={**os.environ, **self.env}, cwd=ROOT, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(arguments)} failed:\n{done.stderr[-2000:]}")
        return done.stdout

    def run_load_client(self, **options: object) -> dict[str, float]:
        """Run tests.bench.load_client and return its result, which passes through a file."""
        result = self.services.folder / "load.json"
        named = {**options, "result": result}
        arguments = [argument for name, value in named.items() for argument in (f"--{name}", str(value))]
        self.run("tests.bench.load_client", *arguments)
        return json.loads(result.read_text(encoding="utf-8"))

    def check(self) -> None:
        """Raise RuntimeError with the last log lines when a process has failed."""
        for process in self.started:
            if process.returncode:
                raise RuntimeError(f"{process.name} ended with {process.returncode}:\n{process.tail()}")

    def wait(self, what: str, seconds: float, find: Callable[[], T | None]) -> T:
        """Wait until `find` returns a value. Raises TimeoutError with the last log lines."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.check()
            value = find()
            if value is not None:
                return value
            time.sleep(0.05)
        tails = "\n".join(f"--- {process.name}\n{process.tail(8)}" for process in self.started)
        raise TimeoutError(f"{what}: not within {seconds:.0f} s\n{tails}")

    def wait_for_worker(self) -> None:
        """Wait until a worker waits for messages at the broker."""
        with redis.from_url(self.services.redis_url) as client:
            self.wait("a worker at the broker", 60, lambda: _has_consumer(client))

    def processor_seconds(self) -> dict[str, float]:
        """Processor seconds that each part has used since its start."""
        parts: dict[str, float] = {}
        if self.services.owns_database:
            parts["PostgreSQL"] = _processor_seconds(self.services.postgres.process.pid)
        if self.services.owns_broker:
            parts["broker"] = _processor_seconds(self.services.valkey.process.pid)
        for process in self.started:
            if process.running:
                parts[process.name] = parts.get(process.name, 0.0) + _processor_seconds(process.pid)
        return parts


def _has_consumer(client: "redis.Redis") -> bool | None:
    clients = client.client_list()  # pyright: ignore[reportUnknownMemberType] - redis-py's own
    return True if any(one["cmd"] == "brpop" for one in clients) else None


def _processor_seconds(pid: int) -> float:
    """Processor seconds of a process, its running descendants and its finished children."""
    total = 0.0
    process = psutil.Process(pid)
    for one in [process, *process.children(recursive=True)]:
        try:
            total += sum(one.cpu_times()[:4])
        except psutil.NoSuchProcess:
            continue
    return total


class Harness:
    """Creates environments. A database is filled once per loader and count; each run gets a file copy of it."""

    def __init__(self, services: LocalServices) -> None:
        self._services = services
        self._loaded: dict[tuple[Loader, int], str] = {}

    @contextmanager
    def open(self, load: Loader, count: int) -> Generator[Environment]:
        template = self._template(load, count)
        name = f"bench_{secrets.token_hex(4)}"
        with redis.from_url(self._services.redis_url) as client:
            client.flushall()  # pyright: ignore[reportUnknownMemberType] - redis-py's own
        self._execute("create database {} template {} strategy file_copy", name, template)
        self._execute("checkpoint")
        environment = Environment(self._services, with_database(self._services.database_url, name))
        try:
            yield environment
            environment.check()
        finally:
            self._services.processes.stop(*environment.started)
            self._execute("drop database {} with (force)", name)

    def _template(self, load: Loader, count: int) -> str:
        if (load, count) not in self._loaded:
            name = f"template_{secrets.token_hex(4)}"
            self._execute("create database {}", name)
            _fill(with_database(self._services.database_url, name), load, count)
            self._loaded[load, count] = name
        return self._loaded[load, count]

    def _execute(self, statement: LiteralString, *names: str) -> None:
        with psycopg.connect(self._services.database_url, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def chunks(count: int) -> Sequence[int]:
    return [min(_CHUNK_SIZE, count - done) for done in range(0, count, _CHUNK_SIZE)]


def _fill(url: str, load: Loader, count: int) -> None:
    migrate(url)
    engine = make_engine(url, 1)
    with make_sessions(engine)() as session:
        load(session, count)
    engine.dispose()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("vacuum (analyze, freeze)")
