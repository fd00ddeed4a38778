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
from tests.chaos.services import Services
from tests.chaos.timeouts import TIMEOUT
from tests.support.waiting import wait_until

# Short, so that lost jobs are claimed again soon.
LEASE_SECONDS = 2
CHILDREN = 2
FAULTY_RELAY = "tests.chaos.faulty_processes.relay"
FAULTY_WORKER = "tests.chaos.faulty_processes.worker"
# Schedules that would wait for a payment provider: a deployment has none.
PAUSED = ("webhooks-sweep", "payments-compare")
_UNFINISHED = text("select count(*) from app.jobs where state in ('pending', 'dispatched')")


class Deployment:
    """Relays, workers, beats and API processes on one database and one broker."""

    def __init__(
        self, services: Services, name: str, database_url: str, redis_url: str, lease_seconds: int = LEASE_SECONDS
    ) -> None:
        self.services = services
        self.database_url = database_url
        self.redis_url = redis_url
        self.lease_seconds = lease_seconds
        # Where processes start: the tree of another release has another folder.
        self.folder = ROOT
        self._name = re.sub(r"\W+", "-", name).strip("-")
        self._number = itertools.count(1)
        self._started: list[Process] = []
        self._environment = {
            "AULA_DATABASE_URL": database_url,
            "AULA_REDIS_URL": redis_url,
            "AULA_SMTP_PORT": str(services.mail_port),
            "AULA_LEASE_SECONDS": str(lease_seconds),
            "AULA_WORKER_PROCESSES": str(CHILDREN),
        }
        with self.sessions.begin() as session:
            install(session)
            pause = text("update app.schedules set paused_at = now() where name = any (:names)")
            session.execute(pause, {"names": list(PAUSED)})

    @cached_property
    def sessions(self) -> sessionmaker[Session]:
        """The test's own sessions; connections that a database restart broke are replaced."""
        return make_sessions(make_engine(self.database_url, 4))

    def start_relay(self, module: str = "workers.relay", **environment: str) -> Process:
        """Start a relay, or another module in its place."""
        return self._start("relay", ["-m", module], environment)

    def start_worker(self, app: str = "workers.app", *, wait: bool = True, **environment: str) -> Process:
        """Start a worker with two children and, unless told otherwise, wait until it is ready."""
        name = f"{self._name}-{next(self._number)}@chaos"
        quiet = ["--without-gossip", "--without-mingle", "--loglevel=WARNING"]
        command = ["-m", "celery", "-A", app, "worker", "-E", f"--concurrency={CHILDREN}", f"--hostname={name}", *quiet]
        worker = self._start("worker", command, environment)
        if wait:
            wait_until(lambda: "worker: ready" in worker.tail(), "the worker is ready", TIMEOUT)
        return worker

    def start_beat(self) -> Process:
        """Start a beat."""
        return self._start("beat", ["-m", "celery", "-A", "workers.app", "beat"], {})

    def start_api(self) -> tuple[Process, str]:
        """Start an API process, wait until it answers, and return it with its address."""
        port = free_port()
        command = ["-m", "api", "--port", str(port)]
        api = self._start("api", command, {})
        address = f"http://127.0.0.1:{port}"
        wait_until(lambda: _answers(address), "the API answers", TIMEOUT)
        return api, address

    def unfinished(self) -> int:
        """The number of unfinished jobs."""
        with self.sessions() as session:
            return session.scalar(_UNFINISHED) or 0

    def count(self, statement: str, **params: object) -> int:
        """The single number that a query returns."""
        with self.sessions() as session:
            return session.scalar(text(statement), params) or 0

    def queued_messages(self) -> int:
        """The number of messages in the broker's queues."""
        queues = sorted({message.queue for message in MESSAGES.values()})
        with redis.from_url(self.redis_url) as broker:
            return sum(int(str(broker.llen(queue))) for queue in queues)

    def drain(self, seconds: float = TIMEOUT) -> None:
        """Pause all schedules and wait until every job is finished."""
        with self.sessions.begin() as session:
            session.execute(text("update app.schedules set paused_at = coalesce(paused_at, now())"))
        deadline = monotonic() + seconds
        wait_until(lambda: self.unfinished() == 0 or monotonic() > deadline, "all jobs finished", seconds + TIMEOUT)
        unfinished = self._unfinished_by_kind()
        assert not unfinished, self._failure_report(unfinished)

    def _failure_report(self, unfinished: Sequence[tuple[object, ...]]) -> str:
        """The unfinished jobs, and the state and last log lines of each process."""
        processes = [f"{process.name}, {_state(process)}:\n{process.tail()}" for process in self._started]
        return "\n".join(["unfinished jobs:", *map(str, unfinished), *processes])

    def _unfinished_by_kind(self) -> list[tuple[object, ...]]:
        statement = text("""
            select kind, state, count(*), max(lease_version), max(attempts), max(last_error) from app.jobs
            where state in ('pending', 'dispatched') group by 1, 2
        """)
        with self.sessions() as session:
            return [tuple(row) for row in session.execute(statement)]

    def logged(self, event: str) -> Sequence[dict[str, object]]:
        """The log lines of this deployment's processes for one event name."""
        return [json.loads(line) for line in self.printed(f'"{event}"') if line.startswith("{")]

    def printed(self, words: str) -> Sequence[str]:
        """The lines with these words that this deployment's processes have printed."""
        return [
            line
            for log in sorted(self.services.processes.logs.glob(f"{self._name}-*.log"))
            for line in log.read_text(encoding="utf-8", errors="replace").splitlines()
            if words in line
        ]

    def close(self) -> None:
        """Kill all processes that still run."""
        for process in self._started:
            if process.running:
                process.kill()
        self.sessions.kw["bind"].dispose()

    def _start(self, role: str, command: Sequence[str], environment: dict[str, str]) -> Process:
        process = self.services.processes.start(
            f"{self._name}-{role}-{next(self._number)}",
            [sys.executable, *command],
            env={**self._environment, **environment},
            cwd=self.folder,
        )
        self._started.append(process)
        return process


def child_processes(process: Process) -> list[psutil.Process]:
    """The processes that a worker has forked."""
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
