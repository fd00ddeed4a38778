"""Starts the processes, waits until each is ready, and restarts those that end."""

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from scripts.local.processes import Process, Processes
from scripts.run.environment import Environment
from scripts.run.errors import RunFailedError
from scripts.run.process_specs import ProcessSpec
from scripts.run.progress import Progress

# Seconds for all processes together: a first start on a slow machine compiles every module.
_START_DEADLINE = 120.0
_POLL = 0.05
# More restarts of one process than this mean a lasting fault.
_MAX_RESTARTS = 20


class Supervisor:
    """The running processes."""

    def __init__(self, processes: Processes, environment: Environment, specs: Sequence[ProcessSpec]) -> None:
        self._processes = processes
        self._environment = environment
        self._specs = specs
        self._running: dict[str, Process] = {}
        self._restarts: Counter[str] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._processes.stop(*reversed(self._running.values()))

    def start(self, progress: Progress) -> None:
        """Start all processes at once and wait until each is ready.

        Raises:
            RunFailedError: a process ended, or was not ready in time.
        """
        began = time.monotonic()
        for spec in self._specs:
            _remove_old_log(self._processes, spec)
            self._start(spec)
        for spec in self._specs:
            with progress.step(spec.name, since=began) as step:
                step.note = spec.note
                self._wait_until_ready(spec, began + _START_DEADLINE)

    def kill(self, name: str) -> None:
        """Kill a process and its children at once."""
        self._running[name].kill()

    def start_again(self, name: str) -> None:
        """Start a process that has ended and wait until it is ready; its log begins anew.

        Raises:
            RunFailedError: a process ended, or this one was not ready in time.
        """
        spec = next(spec for spec in self._specs if spec.name == name)
        _remove_old_log(self._processes, spec)
        self._start(spec)
        self._wait_until_ready(spec, time.monotonic() + _START_DEADLINE)

    def log_of(self, name: str) -> Path:
        """The log file of a process."""
        return self._running[name].log

    def check(self) -> None:
        """Check that every process runs.

        Raises:
            RunFailedError: a process has ended.
        """
        for process in self._running.values():
            if not process.running:
                raise RunFailedError(process.describe_end(), [process.log])

    def restart_ended(self) -> list[str]:
        """Restart the processes that have ended. Returns how each ended.

        Raises:
            RunFailedError: a process ended more than 20 times.
        """
        descriptions: list[str] = []
        for spec in self._specs:
            process = self._running[spec.name]
            if process.running:
                continue
            self._restarts[spec.name] += 1
            if self._restarts[spec.name] > _MAX_RESTARTS:
                raise RunFailedError(f"{process.describe_end()}, after {_MAX_RESTARTS} restarts", [process.log])
            descriptions.append(process.describe_end())
            self._start(spec)
        return descriptions

    def _start(self, spec: ProcessSpec) -> None:
        self._running[spec.name] = self._processes.start(spec.name, spec.command, env=self._environment.variables)

    def _wait_until_ready(self, spec: ProcessSpec, deadline: float) -> None:
        process = self._running[spec.name]
        while not spec.ready(process):
            self.check()
            if time.monotonic() > deadline:
                raise RunFailedError(f"{spec.name} was not ready after {_START_DEADLINE:.0f} s", [process.log])
            time.sleep(_POLL)


def _remove_old_log(processes: Processes, spec: ProcessSpec) -> None:
    """Remove the log of an earlier start: its lines would look like readiness."""
    (processes.logs / f"{spec.name}.log").unlink(missing_ok=True)
