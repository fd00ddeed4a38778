"""A real worker and relay: outcomes, what Flower shows of them, and processes that die while they run a batch."""

import base64
import json
import os
import signal
from collections.abc import Generator
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any
from uuid import UUID, uuid4

import psutil
import pytest
import redis
from celery import Celery
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from core.jobs.batch import Batch
from core.jobs.enqueue import NewJob, enqueue
from db.models import Job as JobRow
from scripts.local.processes import Process
from tests.integration.workers.conftest import LEASE_SECONDS
from tests.support.jobs import do, jobs, states, value
from tests.support.processes import ProcessGroup
from tests.support.trials.messages import Trial
from tests.support.waiting import wait_until

LOCK = 4711


@pytest.fixture(scope="module")
def worker(processes: ProcessGroup, module_sessions: sessionmaker[Session]) -> Process:
    """One relay and one worker for the module."""
    assert module_sessions
    processes.relay()
    return processes.worker()


def trials(sessions: sessionmaker[Session]) -> list[JobRow]:
    """All trial jobs by number."""
    return sorted(jobs(sessions, Trial.kind), key=lambda job: job.payload["number"])


def add(sessions: sessionmaker[Session], *wanted: NewJob | Trial) -> list[UUID]:
    with sessions.begin() as session:
        return list(enqueue(session, *wanted))


def wait_until_finished(sessions: sessionmaker[Session], seconds: float = 20.0) -> None:
    unfinished = {"pending", "dispatched"}
    wait_until(lambda: not unfinished & set(states(sessions, Trial.kind)), "all trials are finished", seconds)


@contextmanager
def task_events(redis_url: str) -> Generator[SimpleQueue[dict[str, Any]]]:
    """The events that workers send, as Flower receives them."""
    received: SimpleQueue[dict[str, Any]] = SimpleQueue()
    listening = Event()

    def ready(*_: object, **__: object) -> None:
        listening.set()

    app = Celery(broker=redis_url, set_as_current=False)
    connection = app.connection_for_read()
    receiver = app.events.Receiver(connection, handlers={"*": received.put})
    receiver.on_consume_ready = ready

    def listen() -> None:
        receiver.capture(limit=None, timeout=None, wakeup=False)

    thread = Thread(target=listen)
    thread.start()
    try:
        assert listening.wait(20)
        yield received
    finally:
        receiver.should_stop = True
        thread.join(20)
        connection.close()
        app.close()


def test_task_events_are_sent_in_groups(worker: Process, redis_url: str) -> None:
    assert worker.running
    celery = Celery(broker=redis_url, set_as_current=False)
    with redis.from_url(redis_url, decode_responses=True) as broker:
        subscription: Any = broker.pubsub()  # pyright: ignore[reportUnknownMemberType] - redis-py's own
        subscription.psubscribe("*celeryev*")
        for _ in range(60):
            unknown = Batch(Trial.kind, uuid4(), 1, isolated=False, job_ids=(uuid4(), uuid4()))
            celery.send_task(Trial.kind, args=[unknown.to_wire()], queue=Trial.queue)
        messages: list[list[str]] = []

        def all_succeeded() -> bool:
            messages.extend(_events(subscription))
            return sum(one.count("task-succeeded") for one in messages) == 60

        wait_until(all_succeeded, "the events of 60 tasks", 20.0)
    celery.close()
    assert sum(map(len, messages)) >= 180
    assert len(messages) < 60


def _events(subscription: Any) -> Generator[list[str]]:  # noqa: ANN401 - redis-py's is half typed
    """The types of the task events in each message that has arrived."""
    while (message := subscription.get_message(ignore_subscribe_messages=True, timeout=0.1)) is not None:
        if message["channel"].endswith("task.multi"):
            envelope = json.loads(message["data"])
            yield [event["type"] for event in json.loads(base64.b64decode(envelope["body"]))]


def test_a_batch_runs(worker: Process, sessions: sessionmaker[Session]) -> None:
    add(sessions, *(Trial(number=number) for number in range(100)))
    wait_until_finished(sessions)
    done = trials(sessions)
    assert [one.state for one in done] == ["succeeded"] * 100
    assert [one.result for one in done] == [{"number": number} for number in range(100)]
    assert {(one.attempts, one.lease_version) for one in done} == {(1, 1)}
    assert worker.running


@pytest.mark.usefixtures("worker")
def test_a_job_that_kills_its_process_is_dead_and_the_others_succeed(sessions: sessionmaker[Session]) -> None:
    good = [Trial(number=number) for number in range(1, 20)]
    add(sessions, *good[:10], NewJob(message=Trial(act="kill"), max_attempts=2), *good[10:])
    wait_until_finished(sessions, 60)
    done = trials(sessions)
    assert [one.state for one in done] == ["dead"] + ["succeeded"] * 19
    assert (done[0].attempts, done[0].isolated) == (2, True)
    assert {one.attempts for one in done[1:]} == {1}
    assert "the lease ran out" not in str(done[0].last_error)


def test_the_jobs_of_a_killed_child_are_requeued_before_their_lease_ends(
    worker: Process, sessions: sessionmaker[Session]
) -> None:
    with sessions() as holder:
        holder.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        add(sessions, *(Trial(act="wait", number=LOCK) for _ in range(3)))
        port = str(
            wait_until(
                lambda: value(
                    sessions,
                    "select client_port from pg_stat_activity"
                    " where datname = current_database() and wait_event_type = 'Lock' and wait_event = 'advisory'",
                ),
                "a child runs the batch",
            )
        )
        lease_ends = value(sessions, "select min(lease_until) from app.jobs")
        os.kill(_owner(worker, int(port)), signal.SIGKILL)
        wait_until(lambda: value(sessions, "select count(*) from app.job_attempts") == 3, "they are requeued")
        holder.rollback()
    wait_until_finished(sessions, LEASE_SECONDS)
    assert value(sessions, "select bool_and(finished_at < :ends) from app.jobs", ends=lease_ends)
    assert {(one.state, one.isolated) for one in trials(sessions)} == {("succeeded", True)}
    assert value(sessions, "select count(*) from app.job_attempts where error like 'WorkerLostError%'") == 3


def _owner(worker: Process, port: int) -> int:
    """The child of the worker whose connection has this local port."""
    for child in psutil.Process(worker.pid).children(recursive=True):
        if any(one.laddr and one.laddr.port == port for one in child.net_connections("tcp")):
            return child.pid
    pytest.fail(f"no child of the worker holds port {port}")


@pytest.mark.usefixtures("worker")
def test_flower_sees_retries_and_failures_under_the_ids_of_the_jobs(
    sessions: sessionmaker[Session], redis_url: str
) -> None:
    with task_events(redis_url) as received:
        (again,) = add(sessions, NewJob(message=Trial(act="fail", number=1), max_attempts=2))
        wait_until_finished(sessions)
        (later,) = add(sessions, NewJob(message=Trial(act="retry", number=2), max_attempts=2))
        wait_until_finished(sessions)
        seen: list[tuple[str, str]] = []

        def all_seen() -> bool:
            while not received.empty():
                event = received.get()
                seen.append((event["type"], event.get("uuid", "")))
            wanted = {("task-retried", str(one)) for one in (again, later)}
            return wanted | {("task-failed", str(one)) for one in (again, later)} <= set(seen)

        wait_until(all_seen, "an event for every retry and failure")
    assert states(sessions, Trial.kind) == ["dead", "dead"]


@pytest.mark.usefixtures("worker")
def test_a_handler_can_cancel_its_job(sessions: sessionmaker[Session]) -> None:
    add(sessions, Trial(act="cancel"))
    wait_until_finished(sessions)
    assert [(one.state, one.last_error) for one in trials(sessions)] == [("cancelled", "not wanted")]


def test_two_beats_enqueue_one_tick_and_a_worker_runs_it(
    worker: Process, processes: ProcessGroup, sessions: sessionmaker[Session]
) -> None:
    assert worker.running
    do(sessions, "update app.schedules set next_due_at = now() - interval '1 second' where name = 'maintenance-check'")
    beats = [processes.beat(), processes.beat()]
    wait_until(lambda: "succeeded" in states(sessions, "maintenance.check"), "the check has run")
    assert states(sessions, "maintenance.check") == ["succeeded"]
    processes.processes.stop(*beats)
