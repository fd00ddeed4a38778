"""Measures how many webhooks a second one process answers, for three endpoints."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import psycopg

from scripts.local.ports import free_port
from tests.bench.harness import Environment, Harness
from tests.bench.workloads import load_pending_orders

CONNECTIONS: Final = 64


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An application that serves `POST /webhooks/stripe`. `stores` means that it answers after a commit."""

    name: str
    app: str
    stores: bool


@dataclass(frozen=True, slots=True)
class IntakeRun:
    """`rate`: answers a second. `client`: its share of one processor. `costs`: processor ms for each answer."""

    rate: float
    client: float
    costs: dict[str, float]


ENDPOINTS: Final = (
    Endpoint("Aula", "api.main:app", stores=True),
    Endpoint("verify and delay()", "tests.bench.baselines.webhook_endpoints:delay_app", stores=False),
    Endpoint("one insert a request", "tests.bench.baselines.webhook_endpoints:insert_app", stores=True),
)


def rounds(harness: Harness, count: int, seconds: float) -> dict[str, list[IntakeRun]]:
    runs: dict[str, list[IntakeRun]] = {endpoint.name: [] for endpoint in ENDPOINTS}
    for number in range(count):
        turn = number % len(ENDPOINTS)
        for endpoint in [*ENDPOINTS[turn:], *ENDPOINTS[:turn]]:
            run = measure(harness, endpoint, seconds)
            runs[endpoint.name].append(run)
            print(f"  intake: {endpoint.name}: {run.rate:,.0f}/s", flush=True)
    return runs


def measure(harness: Harness, endpoint: Endpoint, seconds: float) -> IntakeRun:
    with harness.open(load_pending_orders, 0) as environment:
        port = serve(environment, endpoint.app)
        used = environment.processor_seconds()
        client = environment.run_load_client(port=port, connections=CONNECTIONS, seconds=seconds)
        if endpoint.stores:
            _check(environment, client["answered"])
        parts = environment.processor_seconds().items()
        costs = {part: (total - used[part]) * 1000 / client["answered"] for part, total in parts}
        return IntakeRun(client["rate"], client["client"], costs)


def serve(environment: Environment, app: str) -> int:
    """Start one uvicorn process, wait until it listens, and return its port."""
    port = free_port()
    environment.start("api", "uvicorn", app, "--port", str(port), *_UVICORN)
    environment.wait("the API", 30, lambda: _answers(port))
    return port


_UVICORN: Final[Sequence[str]] = (
    *("--loop=uvloop", "--http=httptools", "--no-access-log", "--log-level=warning"),
    # The client keeps its connections for the whole run, idle ones too.
    "--timeout-keep-alive=600",
)


def _answers(port: int) -> bool | None:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return None
    return True


def _check(environment: Environment, answered: float) -> None:
    with psycopg.connect(environment.database_url) as connection:
        row = connection.execute(
            "select (select count(*) from app.webhook_events), (select count(*) from app.jobs)"
        ).fetchone()
    if row is None or row[0] != row[1] or row[0] < answered:
        raise ValueError(f"{answered:.0f} answered; events and jobs stored: {row}")
