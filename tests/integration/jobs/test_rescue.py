"""Rescue of lost jobs: leases that ran out, processes that died, a broker that was wiped."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from core.jobs import work
from core.jobs.batch import Batch
from core.jobs.enqueue import NewJob, enqueue
from core.jobs.rescue import Rescued, requeue_lost, rescue, rescue_all
from db.models import Job as JobRow
from tests.support.jobs import claim_all, do, job, jobs, states, value
from tests.support.trials.messages import Trial

RUN_OUT = "update app.jobs set lease_until = now() - interval '1 second' where state = 'dispatched'"
KINDS = frozenset({Trial.kind})


def dispatched(sessions: sessionmaker[Session], count: int = 3, max_attempts: int = 20) -> Batch:
    with sessions.begin() as session:
        enqueue(session, *(NewJob(message=Trial(number=n), max_attempts=max_attempts) for n in range(count)))
    (batch,) = claim_all(sessions)
    return batch


def rescued(sessions: sessionmaker[Session]) -> Rescued:
    with sessions.begin() as session:
        return rescue(session, {})


def test_a_job_with_a_valid_lease_is_not_rescued(sessions: sessionmaker[Session]) -> None:
    dispatched(sessions)
    assert rescued(sessions) == Rescued(frozenset(), 0, 0)


def test_a_job_whose_lease_ran_out_is_isolated_without_counting_an_attempt(sessions: sessionmaker[Session]) -> None:
    dispatched(sessions)
    do(sessions, RUN_OUT)
    assert rescued(sessions) == Rescued(KINDS, 3, 0)
    assert {(one.state, one.attempts, one.isolated) for one in jobs(sessions)} == {("pending", 0, True)}
    assert value(sessions, "select count(*) from app.job_attempts where error like 'the lease ran out%'") == 3
    assert [len(batch) for batch in claim_all(sessions)] == [1, 1, 1]


def test_a_rescue_is_limited_by_its_quota(sessions: sessionmaker[Session]) -> None:
    dispatched(sessions, 5)
    do(sessions, RUN_OUT)
    with sessions.begin() as session:
        assert rescue(session, {}, quota=2).pending == 2
    assert sorted(states(sessions)) == ["dispatched"] * 3 + ["pending"] * 2


def test_a_job_without_an_attempt_left_is_dead(sessions: sessionmaker[Session]) -> None:
    batch = dispatched(sessions, 2, max_attempts=1)
    do(sessions, "update app.jobs set attempts = 1, isolated = true where id = :id", id=batch.job_ids[0])
    do(sessions, RUN_OUT)
    dead_ids: list[object] = []
    with sessions.begin() as session:
        found = rescue(session, {Trial.kind: lambda _, ids: dead_ids.extend(ids)})
    assert (found.pending, found.dead, dead_ids) == (1, 1, [batch.job_ids[0]])
    assert job(sessions, batch.job_ids[0]).state == "dead"


def test_a_job_locked_by_a_worker_is_not_rescued(sessions: sessionmaker[Session]) -> None:
    batch = dispatched(sessions, 2)
    do(sessions, RUN_OUT)
    with sessions.begin() as worker:
        locked = worker.scalars(select(JobRow.id).where(JobRow.id == batch.job_ids[0]).with_for_update()).one()
        assert rescued(sessions).pending == 1
        with sessions.begin() as other:
            assert rescue_all(other).pending == 0
        assert work.complete(worker, batch, {locked: None}) == 1
    assert sorted(states(sessions)) == ["pending", "succeeded"]


def test_the_batch_of_a_dead_process_is_requeued_at_once(sessions: sessionmaker[Session]) -> None:
    batch = dispatched(sessions)
    with sessions.begin() as session:
        assert requeue_lost(session, {}, batch, "died") == Rescued(KINDS, 3, 0)
    assert {(one.state, one.attempts, one.isolated, one.last_error) for one in jobs(sessions)} == {
        ("pending", 0, True, "died")
    }
    assert value(sessions, "select count(*) from app.job_attempts where error = 'died'") == 3
    assert len(claim_all(sessions)) == 3


def test_an_isolated_job_is_dead_when_its_process_dies_in_the_last_attempt(sessions: sessionmaker[Session]) -> None:
    dispatched(sessions, 1, max_attempts=1)
    do(sessions, "update app.jobs set isolated = true")
    dead_ids: list[object] = []
    (row,) = jobs(sessions)
    batch = Batch(Trial.kind, row.id, row.lease_version, isolated=True, job_ids=(row.id,))
    with sessions.begin() as session:
        assert work.count_attempt(session, batch)
    with sessions.begin() as session:
        found = requeue_lost(session, {Trial.kind: lambda _, ids: dead_ids.extend(ids)}, batch, "died")
    assert (found.pending, found.dead, dead_ids) == (0, 1, [row.id])


def test_the_external_calls_of_a_dead_process_are_requeued_too(sessions: sessionmaker[Session]) -> None:
    batch = dispatched(sessions)
    with sessions.begin() as session:
        work.start(session, batch, 30)
    with sessions.begin() as session:
        assert requeue_lost(session, {}, batch, "died").pending == 0
        assert requeue_lost(session, {}, batch.started(), "died").pending == 3


def test_after_a_wipe_of_the_broker_jobs_keep_their_attempts_and_batch(sessions: sessionmaker[Session]) -> None:
    batch = dispatched(sessions)
    with sessions.begin() as session:
        assert rescue_all(session) == Rescued(KINDS, 3, 0)
    (again,) = claim_all(sessions)
    assert (len(again), again.lease_version, again.isolated) == (3, batch.lease_version + 1, False)
    assert {one.attempts for one in jobs(sessions)} == {0}


@pytest.mark.parametrize("state", ["pending", "succeeded", "dead", "cancelled"])
def test_only_dispatched_jobs_are_rescued(sessions: sessionmaker[Session], state: str) -> None:
    with sessions.begin() as session:
        enqueue(session, Trial())
    do(
        sessions,
        "update app.jobs set state = :state, finished_at = case when :state <> 'pending' then now() end",
        state=state,
    )
    assert rescued(sessions).pending == 0
    with sessions.begin() as session:
        assert rescue_all(session).pending == 0
    assert states(sessions) == [state]
