"""Starts the parts, waits until each is ready, and starts again what ends."""

import time
from collections import Counter
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
# A part that ends more often than this, in one run, does not end for a passing reason.
_MOST_ENDS = 20


class System:
    """The running parts."""

    def __init__(self, processes: Processes, surroundings: Surroundings, parts: Sequence[Part]) -> None:
        self._processes = processes
        self._surroundings = surroundings
        self._parts = parts
        self._running: dict[str, Process] = {}
        self._ends: Counter[str] = Counter()

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
            self._start(part)
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
        for process in self._running.values():
            if not process.running:
                raise RunFailedError(process.describe_end(), [process.log])

    def restart_ended(self) -> list[str]:
        """Start the parts again that have ended, as a supervisor does; says how each ended.

        Raises:
            RunFailedError: a part ends again and again.
        """
        said: list[str] = []
        for part in self._parts:
            process = self._running[part.name]
            if process.running:
                continue
            self._ends[part.name] += 1
            if self._ends[part.name] > _MOST_ENDS:
                raise RunFailedError(f"{process.describe_end()}, after {_MOST_ENDS} new starts", [process.log])
            said.append(process.describe_end())
            self._start(part)
        return said

    def _start(self, part: Part) -> None:
        self._running[part.name] = self._processes.start(part.name, part.command, env=self._surroundings.variables)

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
