"""Rescue of lost jobs: leases that ran out, processes that died, a broker that was wiped."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker
from structlog.testing import capture_logs

from core.jobs import work
from core.jobs.ack import ack
from core.jobs.batch import Batch
from core.jobs.enqueue import NewJob, enqueue
from core.jobs.isolation import MAX_DEATHS, narrower
from core.jobs.rescue import Rescued, requeue_lost, rescue, rescue_all
from core.messages import ProcessWebhook, SendMail
from core.outcomes import Retry
from core.wiring.handlers import DEAD_JOB_HANDLERS
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
    assert {(one.state, one.attempts, one.isolated, one.batch_limit) for one in jobs(sessions)} == {
        ("pending", 0, True, 64)
    }
    assert value(sessions, "select count(*) from app.job_attempts where error like 'the lease ran out%'") == 3
    assert [len(batch) for batch in claim_all(sessions)] == [3]


def test_jobs_whose_lease_runs_out_again_run_in_smaller_batches_and_then_alone(
    sessions: sessionmaker[Session],
) -> None:
    dispatched(sessions, 100)
    sizes: list[list[int]] = []
    for _ in range(4):
        do(sessions, RUN_OUT)
        rescued(sessions)
        sizes.append(sorted({len(batch) for batch in claim_all(sessions, size=500)}))
    assert sizes == [[36, 64], [4, 8], [1], [1]]
    assert {one.batch_limit for one in jobs(sessions)} == {narrower(8)}


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


def test_a_domain_that_fails_at_a_dead_job_stops_no_other(sessions: sessionmaker[Session]) -> None:
    batch = dispatched(sessions, 3, max_attempts=1)
    do(sessions, "update app.jobs set attempts = 1, isolated = true where id = any (:ids)", ids=list(batch.job_ids[:2]))
    do(sessions, RUN_OUT)

    def fail(session: Session, _ids: object) -> None:
        session.execute(text("insert into app.audit_events (tag, subject_id) values ('a:b:c', app.uuid7())"))
        session.execute(text("select 1 / 0"))

    with capture_logs() as logs, sessions.begin() as session:
        found = rescue(session, {Trial.kind: fail})
    assert (found.pending, found.dead) == (1, 2)
    assert sorted(states(sessions)) == ["dead", "dead", "pending"]
    assert value(sessions, "select count(*) from app.audit_events") == 0
    (failure,) = [line for line in logs if line["event"] == "dead job handler failed"]
    assert (failure["log_level"], bool(failure["exc_info"]), len(failure["jobs"])) == ("error", True, 2)


def test_a_dead_job_whose_payload_names_nothing_is_dead(sessions: sessionmaker[Session]) -> None:
    for kind in (ProcessWebhook.kind, SendMail.kind):
        payload = '{"v": 1, "event_id": "01890000-0000-7000-8000-000000000000", "mail_id": "no id"}'
        do(sessions, "insert into app.jobs (kind, payload) values (:kind, cast(:payload as jsonb))",
           kind=kind, payload=payload)  # fmt: skip
    claim_all(sessions)
    do(sessions, "update app.jobs set attempts = 20")
    do(sessions, RUN_OUT)
    with sessions.begin() as session:
        assert rescue(session, DEAD_JOB_HANDLERS).dead == 2
    assert states(sessions) == ["dead", "dead"]


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
    assert {(one.state, one.attempts, one.isolated, one.batch_limit, one.last_error) for one in jobs(sessions)} == {
        ("pending", 0, True, 1, "died")
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


def alone(sessions: sessionmaker[Session]) -> Batch:
    """The one job as a batch by itself, whose attempt has started."""
    do(sessions, "update app.jobs set isolated = true, run_at = now()")
    (batch,) = claim_all(sessions)
    assert batch.isolated
    with sessions.begin() as session:
        assert work.count_attempt(session, batch)
    return batch


@pytest.mark.parametrize("by_lease", [False, True])
def test_a_job_that_kills_its_process_is_dead_after_the_fifth_death(
    sessions: sessionmaker[Session],
    by_lease: bool,  # noqa: FBT001 - a parameter
) -> None:
    with sessions.begin() as session:
        enqueue(session, Trial())
    found: list[tuple[int, int]] = []
    for _ in range(MAX_DEATHS):
        batch = alone(sessions)
        do(sessions, RUN_OUT)
        with sessions.begin() as session:
            one = rescue(session, {}) if by_lease else requeue_lost(session, {}, batch, "died")
        found.append((one.pending, one.dead))
    assert found == [(1, 0)] * 4 + [(0, 1)]
    (row,) = jobs(sessions)
    assert (row.state, row.deaths, row.attempts, row.max_attempts) == ("dead", 5, 5, 20)


def test_after_a_death_a_job_waits_for_a_second_for_each(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        enqueue(session, Trial())
    for deaths in (1, 2):
        batch = alone(sessions)
        with sessions.begin() as session:
            requeue_lost(session, {}, batch, "died")
        waits = float(str(value(sessions, "select extract(epoch from run_at - now()) from app.jobs")))
        assert deaths - 1 < waits <= deaths


def test_an_orderly_end_takes_back_the_deaths_and_the_isolation(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        enqueue(session, Trial())
    for _ in range(4):
        with sessions.begin() as session:
            requeue_lost(session, {}, alone(sessions), "died")
    batch = alone(sessions)
    assert job(sessions, batch.id).deaths == MAX_DEATHS
    with sessions.begin() as session:
        ack(session, batch, {batch.id: Retry("no", timedelta())}, {}, jitter=0.0)
    row = job(sessions, batch.id)
    assert (row.state, row.deaths, row.isolated) == ("pending", 0, False)


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
