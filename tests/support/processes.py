"""Relays, workers and beats as processes, on a test's database and broker."""

import os
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from scripts.local.instances import ROOT
from scripts.local.processes import Process, Processes
from tests.support.waiting import wait_until


@dataclass(slots=True)
class ProcessGroup:
    """Starts processes with one environment. `app` is the Celery app, `relay_module` the module run as the relay."""

    processes: Processes
    env: Mapping[str, str]
    app: str = "workers.app"
    relay_module: str = "workers.relay"
    _numbers: dict[str, int] = field(default_factory=dict[str, int])

    def relay(self) -> Process:
        return self._start("relay", "-m", self.relay_module, says="relay: started")

    def worker(self, concurrency: int = 2) -> Process:
        options = ("-E", "--without-gossip", "--without-mingle", f"--concurrency={concurrency}")
        return self._celery("worker", *options, f"--hostname={self._next('host')}@test", says="worker: ready")

    def beat(self) -> Process:
        return self._celery("beat", "--pidfile=", says="beat: Starting")

    def flower(self, port: int, history: Path, **env: str) -> Process:
        options = (f"--port={port}", f"--history={history}")
        process = self.processes.start(
            self._next("flower"), [sys.executable, "-m", "workers.flower", *options], env={**self.env, **env}, cwd=ROOT
        )
        wait_until(lambda: _answers(port) or not process.running, "Flower answers", 30)
        assert process.running, process.tail()
        return process

    def _celery(self, role: str, *options: str, says: str) -> Process:
        return self._start(role, "-m", "celery", "-A", self.app, role, *options, says=says)

    def _start(self, role: str, *arguments: str, says: str) -> Process:
        process = self.processes.start(self._next(role), [sys.executable, *arguments], env=self.env, cwd=ROOT)
        wait_until(lambda: says in process.tail() or not process.running, f"{role} says {says!r}", 30)
        assert process.running, process.tail()
        return process

    def _next(self, role: str) -> str:
        self._numbers[role] = self._numbers.get(role, 0) + 1
        return f"{role}-{self._numbers[role]}-{os.getpid()}"


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthcheck", trust_env=False).is_success
    except httpx.TransportError:
        return False


@contextmanager
def process_group(logs: Path, env: Mapping[str, str], *, app: str, relay_module: str) -> Generator[ProcessGroup]:
    """A group whose processes end with the context."""
    with Processes(logs) as processes:
        yield ProcessGroup(processes, {"PYTHONUNBUFFERED": "1", **env}, app, relay_module)
