"""The processes of one deployment, to be started, killed and started again."""

import itertools
import json
import re
import sys
from collections.abc import Sequence
from functools import cached_property
from time import monotonic

import httpx
import psutil
import redis
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from core.jobs.schedules import install
from core.messages import MESSAGES
from db.engine import make_engine, make_sessions
from scripts.local.instances import ROOT
from scripts.local.ports import free_port
from scripts.local.processes import Process
from tests.chaos.patience import PATIENCE
from tests.chaos.site import Site
from tests.support.waiting import wait_until

# Seconds. Short, so that what is lost comes back soon.
LEASE = 2
CHILDREN = 2
_UNFINISHED = text("select count(*) from app.jobs where state in ('pending', 'dispatched')")


class House:
    """Relays, workers, beats and doors on one database and one broker of a site."""

    def __init__(self, site: Site, name: str, database_url: str, redis_url: str) -> None:
        self.site = site
        self.database_url = database_url
        self.redis_url = redis_url
        self._name = re.sub(r"\W+", "-", name).strip("-")
        self._number = itertools.count(1)
        self._started: list[Process] = []
        self._environment = {
            "AULA_DATABASE_URL": database_url,
            "AULA_REDIS_URL": redis_url,
            "AULA_SMTP_PORT": str(site.mail_port),
            "AULA_LEASE_SECONDS": str(LEASE),
            "AULA_WORKER_PROCESSES": str(CHILDREN),
        }
        with self.sessions.begin() as session:
            install(session)

    @cached_property
    def sessions(self) -> sessionmaker[Session]:
        """The test's own look into the database; a restart of it replaces the connections that it cost."""
        return make_sessions(make_engine(self.database_url, 4))

    def relay(self, module: str = "workers.relay", **environment: str) -> Process:
        """A relay; another module may stand in for it."""
        return self._start("relay", ["-m", module], environment)

    def worker(self, app: str = "workers.app", **environment: str) -> Process:
        """A worker with two children, returned when it is ready."""
        name = f"{self._name}-{next(self._number)}@chaos"
        quiet = ["--without-gossip", "--without-mingle", "--loglevel=WARNING"]
        command = ["-m", "celery", "-A", app, "worker", "-E", f"--concurrency={CHILDREN}", f"--hostname={name}", *quiet]
        worker = self._start("worker", command, environment)
        wait_until(lambda: "worker: ready" in worker.tail(), "the worker is ready", PATIENCE)
        return worker

    def beat(self) -> Process:
        """A beat."""
        return self._start("beat", ["-m", "celery", "-A", "workers.app", "beat"], {})

    def door(self) -> tuple[Process, str]:
        """An HTTP edge that answers, and its address."""
        port = free_port()
        command = ["-m", "uvicorn", "api.main:app", "--port", str(port), "--log-level", "warning"]
        door = self._start("door", command, {})
        address = f"http://127.0.0.1:{port}"
        wait_until(lambda: _answers(address), "the door opens", PATIENCE)
        return door, address

    def unfinished(self) -> int:
        """How many jobs are not finished."""
        with self.sessions() as session:
            return session.scalar(_UNFINISHED) or 0

    def count(self, statement: str, **params: object) -> int:
        """The one number a query gives."""
        with self.sessions() as session:
            return session.scalar(text(statement), params) or 0

    def in_broker(self) -> int:
        """How many messages wait in the broker's queues."""
        queues = sorted({message.queue for message in MESSAGES.values()})
        with redis.from_url(self.redis_url) as broker:
            return sum(int(str(broker.llen(queue))) for queue in queues)

    def drain(self, seconds: float = PATIENCE) -> None:
        """Wait until every job is finished, with no further tick of a schedule."""
        with self.sessions.begin() as session:
            session.execute(text("update app.schedules set paused_at = coalesce(paused_at, now())"))
        deadline = monotonic() + seconds
        wait_until(lambda: self.unfinished() == 0 or monotonic() > deadline, "all jobs finished", seconds + PATIENCE)
        left = self._left()
        assert not left, self._story(left)

    def _story(self, left: Sequence[tuple[object, ...]]) -> str:
        """What is left, and how each process that ought to have done it ended, for whoever reads a failed test."""
        ends = [f"{process.name}, {_state(process)}:\n{process.tail()}" for process in self._started]
        return "\n".join(["jobs are left:", *map(str, left), *ends])

    def _left(self) -> list[tuple[object, ...]]:
        left = text("""
            select kind, state, count(*), max(lease_version), max(attempts), max(last_error) from app.jobs
            where state in ('pending', 'dispatched') group by 1, 2
        """)
        with self.sessions() as session:
            return [tuple(row) for row in session.execute(left)]

    def logged(self, event: str) -> Sequence[dict[str, object]]:
        """What the processes of this house logged under an event's name."""
        return [
            json.loads(line)
            for log in sorted(self.site.processes.logs.glob(f"{self._name}-*.log"))
            for line in log.read_text(encoding="utf-8", errors="replace").splitlines()
            if line.startswith("{") and f'"{event}"' in line
        ]

    def close(self) -> None:
        """End everything that runs here."""
        for process in self._started:
            if process.running:
                process.kill()
        self.sessions.kw["bind"].dispose()

    def _start(self, role: str, command: Sequence[str], environment: dict[str, str]) -> Process:
        process = self.site.processes.start(
            f"{self._name}-{role}-{next(self._number)}",
            [sys.executable, *command],
            env={**self._environment, **environment},
            cwd=ROOT,
        )
        self._started.append(process)
        return process


def children(process: Process) -> list[psutil.Process]:
    """The processes a worker has forked."""
    try:
        return psutil.Process(process.pid).children()
    except psutil.NoSuchProcess:
        return []


def _state(process: Process) -> str:
    return "running" if process.running else "ended"


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz", timeout=2, trust_env=False).is_success
    except httpx.TransportError:
        return False
