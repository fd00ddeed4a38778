"""A hop that fails says which, why, and what to read; so does a part that ends."""

import io
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from rich.console import Console

from scripts.local.processes import Process, Processes
from scripts.run.environment import Ports, Surroundings
from scripts.run.errors import RunFailedError
from scripts.run.hops import HOPS, play
from scripts.run.parts import Part
from scripts.run.picture import PlainPicture
from scripts.run.purchase import Purchase
from scripts.run.system import System
from scripts.seed import Seeded

STAY = "print('started', flush=True); import time; time.sleep(600)"


def started(process: Process) -> bool:
    return "started" in process.tail()


@pytest.fixture
def surroundings(tmp_path: Path) -> Surroundings:
    return Surroundings(tmp_path, Ports(1, 2, 3, 4, 5), {}, "", emulates_stripe=True)


@pytest.fixture
def picture() -> PlainPicture:
    return PlainPicture(Console(file=io.StringIO()))


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    with Processes(tmp_path / "logs") as running:
        yield running


def system_of(processes: Processes, surroundings: Surroundings, picture: PlainPicture, **scripts: str) -> System:
    parts = [Part(name, ["-c", script], started) for name, script in scripts.items()]
    picture.section("Processes", [part.name for part in parts])
    return System(processes, surroundings, parts)


def test_a_refused_hop_names_itself_its_reason_and_its_log(
    processes: Processes, surroundings: Surroundings, picture: PlainPicture
) -> None:
    refuse = httpx.MockTransport(lambda _request: httpx.Response(422, json={"code": "password_weak"}))
    with system_of(processes, surroundings, picture, api=STAY) as system, httpx.Client(transport=refuse) as client:
        system.start(picture)
        picture.section("One purchase", [hop.name for hop in HOPS])
        purchase = Purchase(surroundings, Seeded(UUID(int=1), UUID(int=2)), client)
        with pytest.raises(
            RunFailedError, match=r"register: POST /auth/register answered 422.*password_weak"
        ) as failed:
            play(picture, purchase, system)
    assert failed.value.logs == (processes.logs / "api.log",)


def test_a_part_that_ends_while_it_starts_is_named_with_its_log(
    processes: Processes, surroundings: Surroundings, picture: PlainPicture
) -> None:
    with (
        system_of(processes, surroundings, picture, api=STAY, relay="import sys; sys.exit(3)") as system,
        pytest.raises(RunFailedError, match="relay ended with code 3") as failed,
    ):
        system.start(picture)
    assert failed.value.logs == (processes.logs / "relay.log",)


def test_what_an_earlier_run_logged_is_no_sign_of_readiness(
    processes: Processes, surroundings: Surroundings, picture: PlainPicture
) -> None:
    (processes.logs / "api.log").write_text("started long ago\n")
    with (
        system_of(processes, surroundings, picture, api="import sys; sys.exit(4)") as system,
        pytest.raises(RunFailedError, match="api ended with code 4"),
    ):
        system.start(picture)


def test_all_parts_end_with_the_system(processes: Processes, surroundings: Surroundings, picture: PlainPicture) -> None:
    with system_of(processes, surroundings, picture, api=STAY, relay=STAY) as system:
        system.start(picture)
        system.check()
    with pytest.raises(RunFailedError, match="was ended by SIGTERM"):
        system.check()
