"""Starts the parts, waits until each is ready, and notices when one of them ends."""

import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from scripts.local.processes import Process, Processes
from scripts.run.environment import Surroundings
from scripts.run.errors import RunFailedError
from scripts.run.parts import Part
from scripts.run.picture import Picture

# Seconds for all parts together; a cold start on a slow machine compiles every module first.
_DEADLINE = 120.0
_POLL = 0.05


class System:
    """The running parts."""

    def __init__(self, processes: Processes, surroundings: Surroundings, parts: Sequence[Part]) -> None:
        self._processes = processes
        self._surroundings = surroundings
        self._parts = parts
        self._running: dict[str, Process] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._processes.stop(*reversed(self._running.values()))

    def start(self, picture: Picture) -> None:
        """Start all parts at once and wait for each.

        Raises:
            RunFailedError: one of them ended, or was not ready in time.
        """
        began = time.monotonic()
        for part in self._parts:
            _clear(self._processes, part)
            self._running[part.name] = self._processes.start(part.name, part.command, env=self._surroundings.variables)
        for part in self._parts:
            with picture.step(part.name, since=began) as step:
                step.note = part.note
                self._await(part, began + _DEADLINE)

    def log_of(self, name: str) -> Path:
        """What the part of that name has written."""
        return self._running[name].log

    def check(self) -> None:
        """See that everything still runs.

        Raises:
            RunFailedError: a part has ended.
        """
        for name, process in self._running.items():
            if not process.running:
                raise RunFailedError(f"{name} ended with code {process.returncode}", [process.log])

    def _await(self, part: Part, deadline: float) -> None:
        process = self._running[part.name]
        while not part.ready(process):
            self.check()
            if time.monotonic() > deadline:
                raise RunFailedError(f"{part.name} was not ready after {_DEADLINE:.0f} s", [process.log])
            time.sleep(_POLL)


def _clear(processes: Processes, part: Part) -> None:
    """Each run has logs of its own: what an earlier one said is no sign of readiness."""
    (processes.logs / f"{part.name}.log").unlink(missing_ok=True)
