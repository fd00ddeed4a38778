"""Fixtures for the modules of `scripts.run`."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.console import Console

from scripts.local.processes import Process, Processes
from scripts.run.environment import Environment, Ports
from scripts.run.process_specs import ProcessSpec
from scripts.run.progress import PlainProgress
from scripts.run.supervisor import Supervisor

MakeSupervisor = Callable[..., Supervisor]


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return Environment(tmp_path, Ports(1, 2, 3, 4, 5, 6, 7), {}, "", emulates_stripe=True, emulates_livekit=True)


@pytest.fixture
def progress() -> PlainProgress:
    return PlainProgress(Console(file=io.StringIO()))


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    with Processes(tmp_path / "logs") as running:
        yield running


@pytest.fixture
def make_supervisor(processes: Processes, environment: Environment, progress: PlainProgress) -> MakeSupervisor:
    """Makes a supervisor of Python scripts, given by process name."""

    def make(**scripts: str) -> Supervisor:
        specs = [ProcessSpec(name, ["-c", script], _started) for name, script in scripts.items()]
        progress.section("Processes", [spec.name for spec in specs])
        return Supervisor(processes, environment, specs)

    return make


def _started(process: Process) -> bool:
    return "started" in process.tail()
