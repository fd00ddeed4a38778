"""A real Flower beside a relay and a worker: what it shows, to whom, and after a restart."""

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy.orm import Session, sessionmaker

from core.jobs.enqueue import enqueue
from core.messages import CheckInvariants, Message, Prune
from scripts.local.instances import ROOT
from scripts.local.ports import free_port
from tests.support.jobs import jobs
from tests.support.processes import ProcessGroup
from tests.support.trials.messages import Trial
from tests.support.waiting import wait_until

PAIR = "operator:correct-horse-battery"
PAGES = ("/", "/tasks", "/broker", "/metrics", "/api/tasks", "/api/workers", "/task/unknown")
DEADLINE = 30.0


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("flower") / "history"


@pytest.fixture(scope="module")
def flower(processes: ProcessGroup, history: Path) -> Generator[httpx.Client]:
    """A client that is signed in."""
    port = free_port()
    processes.flower(port, history, AULA_FLOWER_BASIC_AUTH=PAIR)
    with client(port) as opened:
        processes.relay()
        processes.worker(concurrency=1)
        yield opened


def client(port: int, pair: str = PAIR) -> httpx.Client:
    name, _, password = pair.partition(":")
    return httpx.Client(base_url=f"http://127.0.0.1:{port}", auth=(name, password), trust_env=False, timeout=DEADLINE)


def shown(flower: httpx.Client) -> dict[str, dict[str, Any]]:
    """The tasks that Flower shows, by their ids."""
    return flower.get("/api/tasks").json()


def run(sessions: sessionmaker[Session], *messages: Message) -> list[UUID]:
    """Enqueue jobs in one transaction, wait until they have ended, and return their ids."""
    before = {job.id for job in jobs(sessions)}
    with sessions.begin() as session:
        enqueue(session, *messages)
    wait_until(lambda: all(job.finished_at for job in jobs(sessions)), "the jobs have ended", DEADLINE)
    return [job.id for job in jobs(sessions) if job.id not in before]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_needs_the_password(flower: httpx.Client, page: str) -> None:
    url = flower.base_url.join(page)
    assert httpx.get(url, trust_env=False).status_code == 401
    assert httpx.get(url, auth=("operator", "wrong"), trust_env=False).status_code == 401
    assert flower.get(page).status_code in {200, 404}


def test_a_single_job_is_found_by_its_id(flower: httpx.Client, sessions: sessionmaker[Session]) -> None:
    (job_id,) = run(sessions, Trial())
    wait_until(lambda: str(job_id) in shown(flower), "Flower shows the job", DEADLINE)
    wait_until(lambda: shown(flower)[str(job_id)]["state"] == "SUCCESS", "Flower shows its success", DEADLINE)
    assert str(job_id) in flower.get(f"/task/{job_id}").text


def test_the_jobs_of_a_batch_are_found_by_their_ids(flower: httpx.Client, sessions: sessionmaker[Session]) -> None:
    ids = run(sessions, *(Trial(number=number) for number in range(3)))

    def found(job_id: UUID) -> bool:
        query = {"search[value]": str(job_id), "draw": "1", "start": "0", "length": "10", "order[0][column]": "0"}
        query |= {"columns[0][data]": "name", "order[0][dir]": "asc"}
        return flower.get("/tasks/datatable", params=query).json()["recordsFiltered"] == 1

    wait_until(lambda: all(map(found, ids)), "Flower finds each job", DEADLINE)


def test_housekeeping_is_not_shown(flower: httpx.Client, sessions: sessionmaker[Session]) -> None:
    run(sessions, CheckInvariants(), Prune())
    (job_id,) = run(sessions, Trial())
    # A worker sends its events in their order.
    wait_until(lambda: str(job_id) in shown(flower), "Flower shows the job", DEADLINE)
    assert {task["name"] for task in shown(flower).values()} == {Trial.kind}


def test_flower_open_to_the_network_does_not_start(processes: ProcessGroup) -> None:
    env = {**os.environ, **processes.env, "AULA_ENV": "test"}
    command = [sys.executable, "-m", "workers.flower", "--host", "0.0.0.0", "--port", str(free_port())]  # noqa: S104 - what is refused
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=DEADLINE, check=False)  # noqa: S603 - ours
    assert done.returncode == 1
    assert "AULA_FLOWER_BASIC_AUTH must be set" in done.stderr


def test_flower_changes_nothing(flower: httpx.Client) -> None:
    assert flower.post("/api/task/revoke/1").status_code == 403


def test_what_flower_showed_is_there_after_a_restart(
    flower: httpx.Client, sessions: sessionmaker[Session], processes: ProcessGroup, tmp_path: Path
) -> None:
    port = free_port()
    first = processes.flower(port, tmp_path / "history", AULA_FLOWER_BASIC_AUTH=PAIR)
    with client(port) as opened:
        (job_id,) = run(sessions, Trial())
        wait_until(lambda: str(job_id) in shown(opened), "Flower shows the job", DEADLINE)
        first.signal(signal.SIGTERM)
        first.wait(DEADLINE)
        processes.flower(port, tmp_path / "history", AULA_FLOWER_BASIC_AUTH=PAIR)
        assert str(job_id) in shown(opened)
    assert flower.get("/").is_success
