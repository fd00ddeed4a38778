"""The lease version fences: a late or repeated message changes nothing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from core.jobs import work
from core.jobs.ack import ack
from core.jobs.batch import Batch
from core.jobs.enqueue import enqueue
from core.jobs.rescue import requeue_lost, rescue
from core.outcomes import Cancel, Discard, Done, Retry
from tasks.runner import run
from tests.support.jobs import claim_all, do, jobs, value
from tests.support.trials.messages import Trial

FENCED: dict[str, Callable[[Session, Batch], Any]] = {
    "take": work.take,
    "start": lambda session, batch: work.start(session, batch, 30)[1],
    "count attempt": work.count_attempt,
    "renew": lambda session, batch: work.renew(session, batch, 30),
    "complete": lambda session, batch: work.complete(session, batch, dict.fromkeys(batch.job_ids)),
    "fail": lambda session, batch: work.fail(session, batch, "late", jitter=0.5),
    "split": work.split,
    "report": lambda session, batch: work.report(session, batch, {"done": 1}),
    "requeue lost": lambda session, batch: requeue_lost(session, {}, batch, "late").pending,
    "ack done": lambda session, batch: ack(session, batch, {batch.id: Done()}, {}, jitter=0).again,
    "ack cancel": lambda session, batch: ack(session, batch, {batch.id: Cancel("late")}, {}, jitter=0).dead,
    "ack discard": lambda session, batch: ack(session, batch, {batch.id: Discard("late")}, {}, jitter=0).dead,
    "ack retry": lambda session, batch: ack(session, batch, {batch.id: Retry("late")}, {}, jitter=0).dead,
}


def one_batch(sessions: sessionmaker[Session], count: int = 1) -> Batch:
    with sessions.begin() as session:
        enqueue(session, *(Trial(number=number) for number in range(count)))
    (batch,) = claim_all(sessions)
    return batch


def lose_leases(sessions: sessionmaker[Session]) -> None:
    """End all leases, and rescue the jobs."""
    do(sessions, "update app.jobs set lease_until = now() - interval '1 second' where state = 'dispatched'")
    with sessions.begin() as session:
        rescue(session, {})


@pytest.mark.parametrize("claimed_again", [False, True], ids=["pending", "claimed again"])
@pytest.mark.parametrize("action", FENCED)
def test_a_stale_lease_version_changes_nothing(
    sessions: sessionmaker[Session],
    action: str,
    claimed_again: bool,  # noqa: FBT001 - a parameter
) -> None:
    stale = one_batch(sessions)
    lose_leases(sessions)
    if claimed_again:
        claim_all(sessions)
    row = "select row_to_json(j)::text || (select count(*) from app.job_attempts) from app.jobs j"
    before = value(sessions, row)
    with sessions.begin() as session:
        assert not FENCED[action](session, stale)
    assert value(sessions, row) == before


@pytest.mark.parametrize("action", ["take", "start", "count attempt", "renew", "complete", "requeue lost"])
def test_the_current_lease_version_changes_something(sessions: sessionmaker[Session], action: str) -> None:
    """The test above can fail."""
    batch = one_batch(sessions)
    with sessions.begin() as session:
        assert FENCED[action](session, batch)


def test_a_message_delivered_twice_at_once_has_one_effect(
    sessions: sessionmaker[Session], in_process: pytest.MonkeyPatch
) -> None:
    assert in_process
    batch = one_batch(sessions, 20)
    barrier = Barrier(4)
    effect = text("insert into app.audit_events (tag, subject_id) values ('tests:job:run', :id)")

    def act(given: Batch) -> None:
        with sessions.begin() as session:
            taken = work.take(session, given)
            for job in taken:
                session.execute(effect, {"id": job.id})
            work.complete(session, given, {job.id: None for job in taken})

    def deliver(_: int) -> None:
        barrier.wait(10)
        run(Trial, batch.to_wire(), act)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(deliver, range(4)))
    assert {one.state for one in jobs(sessions)} == {"succeeded"}
    effects = "select (count(*), count(distinct subject_id))::text from app.audit_events"
    assert value(sessions, effects) == "(20,20)"


def test_a_started_external_call_makes_its_message_stale(sessions: sessionmaker[Session]) -> None:
    batch = one_batch(sessions, 2)
    with sessions.begin() as session:
        started, taken = work.start(session, batch, 30)
    assert (started.lease_version, started.id, len(taken)) == (2, batch.id, 2)
    with sessions.begin() as session:
        assert work.start(session, batch, 30)[1] == []
        assert work.complete(session, started, dict.fromkeys(started.job_ids)) == 2
