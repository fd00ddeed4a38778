"""A real API process with open streams, told to end."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from scripts.local.instances import ROOT
from scripts.local.ports import free_port
from scripts.local.processes import Process, Processes
from tests.support.api_harness import ApiHarness
from tests.support.waiting import wait_until

_STREAMS = 8
# What an operator's supervisor grants at least.
_GRACE = 10


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def process(api: ApiHarness, port: int, tmp_path: Path) -> Iterator[Process]:
    """`python -m api` on the database of the harness."""
    env = {"AULA_ENV": "test", "AULA_DATABASE_URL": api.settings.database_url}
    with Processes(tmp_path / "logs") as processes:
        started = processes.start(
            f"api-{os.getpid()}", [sys.executable, "-m", "api", "--port", str(port)], env=env, cwd=ROOT
        )
        wait_until(lambda: _answers(port) or not started.running, "the API answers", 30)
        assert started.running, started.tail()
        yield started


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).is_success
    except httpx.TransportError:
        return False


def test_a_process_that_is_told_to_end_ends_its_streams_and_itself(
    api: ApiHarness, process: Process, port: int
) -> None:
    buyer = api.user()
    order = buyer.place_order(api.course())
    url = f"http://127.0.0.1:{port}/orders/{order['id']}/events"
    with ExitStack() as stack:
        answers = [stack.enter_context(buyer.http.stream("GET", url)) for _ in range(_STREAMS)]
        readers = [answer.iter_lines() for answer in answers]
        for lines in readers:
            assert next(line for line in lines if line.startswith("event: ")) == "event: order"
        asked = time.monotonic()
        process.signal(signal.SIGTERM)
        for lines in readers:
            rest = list(lines)
            assert ": the server restarts" in rest
            assert rest[-2].startswith("retry: ")
        process.wait(_GRACE)
    assert time.monotonic() - asked < _GRACE
    assert "Traceback" not in process.tail(100)
