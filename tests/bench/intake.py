"""How many webhooks a second one process answers, by three doors."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import psycopg

from scripts.local.ports import free_port
from tests.bench.arena import Arena, Arenas
from tests.bench.workloads import place

CONNECTIONS: Final = 64


@dataclass(frozen=True, slots=True)
class Door:
    """An application that takes `POST /webhooks/stripe`; `stores` when it answers after a commit."""

    name: str
    app: str
    stores: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """Answers a second; the client's share of one processor; what each part used of one, ms for each answer."""

    rate: float
    client: float
    costs: dict[str, float]


DOORS: Final = (
    Door("Aula", "api.main:app", stores=True),
    Door("verify and delay()", "tests.bench.rivals.doors:delay_app", stores=False),
    Door("one insert a request", "tests.bench.rivals.doors:insert_app", stores=True),
)


def rounds(arenas: Arenas, count: int, seconds: float) -> dict[str, list[Answered]]:
    runs: dict[str, list[Answered]] = {door.name: [] for door in DOORS}
    for number in range(count):
        turn = number % len(DOORS)
        for door in [*DOORS[turn:], *DOORS[:turn]]:
            run = knock(arenas, door, seconds)
            runs[door.name].append(run)
            print(f"  intake: {door.name}: {run.rate:,.0f}/s", flush=True)
    return runs


def knock(arenas: Arenas, door: Door, seconds: float) -> Answered:
    with arenas.open(place, 0) as arena:
        port = serve(arena, door.app)
        used = arena.processor_seconds()
        client = arena.load(port=port, connections=CONNECTIONS, seconds=seconds)
        if door.stores:
            _check(arena, client["answered"])
        parts = arena.processor_seconds().items()
        costs = {part: (total - used[part]) * 1000 / client["answered"] for part, total in parts}
        return Answered(client["rate"], client["client"], costs)


def serve(arena: Arena, app: str) -> int:
    """Start one uvicorn process and wait until it listens; gives its port."""
    port = free_port()
    arena.start("api", "uvicorn", app, "--port", str(port), *_UVICORN)
    arena.wait("the API", 30, lambda: _answers(port))
    return port


_UVICORN: Final[Sequence[str]] = (
    *("--loop=uvloop", "--http=httptools", "--no-access-log", "--log-level=warning"),
    # The client keeps its connections for the whole run, also those it needs but now and then.
    "--timeout-keep-alive=600",
)


def _answers(port: int) -> bool | None:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return None
    return True


def _check(arena: Arena, answered: float) -> None:
    with psycopg.connect(arena.database_url) as look:
        row = look.execute(
            "select (select count(*) from app.webhook_events), (select count(*) from app.jobs)"
        ).fetchone()
    if row is None or row[0] != row[1] or row[0] < answered:
        raise ValueError(f"{answered:.0f} answered; events and jobs stored: {row}")
