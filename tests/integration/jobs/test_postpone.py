"""Jobs that are postponed because an external service is unavailable: no attempt is counted."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session, sessionmaker

from core.identity import Identity
from core.jobs import work
from core.jobs.ack import AckResult, ack
from core.jobs.batch import Batch
from core.jobs.control import replay
from core.jobs.enqueue import NewJob, enqueue
from core.jobs.view import JobView, job_for
from core.messages import CloseCheckout
from core.outcomes import Postpone
from tests.support.jobs import claim_all, do, job, listen, value

DAYS = CloseCheckout.give_up_after.days


def one_batch(sessions: sessionmaker[Session], max_attempts: int = 20, count: int = 1) -> Batch:
    message = CloseCheckout(session_id="cs_1")
    with sessions.begin() as session:
        enqueue(session, *[NewJob(message=message, max_attempts=max_attempts)] * count)
    (batch,) = claim_all(sessions)
    return batch


def postpone(
    sessions: sessionmaker[Session], batch: Batch, *, after: float | None = None, jitter: float = 1.0
) -> AckResult:
    with sessions.begin() as session:
        wait = None if after is None else timedelta(seconds=after)
        outcomes = dict.fromkeys(batch.job_ids, Postpone("down", wait))
        return ack(session, batch, outcomes, {}, jitter=jitter)


def outage_lasts(sessions: sessionmaker[Session], **duration: float) -> None:
    """The service has been unavailable for so long; the jobs are due again."""
    do(sessions, "update app.jobs set unavailable_since = now() - cast(:d as interval), run_at = now()",
       d=timedelta(**duration))  # fmt: skip


def seen(sessions: sessionmaker[Session], job_id: UUID, *, operator: bool) -> JobView:
    reader = Identity(uuid4(), "admin" if operator else "member", uuid4(), "aal2")
    do(sessions, "insert into app.profiles (id, email, password_hash, display_name) values (:id, :email, '!', 'R')",
       id=reader.profile_id, email=f"{reader.profile_id}@aula.example")  # fmt: skip
    do(sessions, "update app.jobs set profile_id = :reader", reader=reader.profile_id)
    with sessions() as session:
        return job_for(session, job_id, reader)


def test_a_postponed_job_is_pending_and_says_that_it_waits_for_the_gateway(sessions: sessionmaker[Session]) -> None:
    batch = one_batch(sessions)
    assert postpone(sessions, batch) == AckResult(again=("down",))
    shown = seen(sessions, batch.id, operator=True)
    assert (shown.state, shown.attempts, shown.waits_for, shown.last_error) == ("pending", 0, "gateway", "down")
    hidden = seen(sessions, batch.id, operator=False)
    assert hidden.last_error == "An external service did not answer; the job runs again by itself."
    assert value(sessions, "select count(*) from app.job_attempts") == 0


def test_the_attempt_of_an_isolated_job_is_taken_back(sessions: sessionmaker[Session]) -> None:
    one_batch(sessions, max_attempts=1)
    do(sessions, "update app.jobs set isolated = true, state = 'pending', lease_until = null, run_at = now()")
    for _ in range(3):
        (batch,) = claim_all(sessions)
        with sessions.begin() as session:
            assert work.count_attempt(session, batch)
        assert job(sessions, batch.id).attempts == 1
        assert postpone(sessions, batch) == AckResult(again=("down",))
        row = job(sessions, batch.id)
        assert (row.attempts, row.deaths, row.isolated, row.state) == (0, 0, False, "pending")
        do(sessions, "update app.jobs set isolated = true, run_at = now()")


@pytest.mark.parametrize(
    ("hours", "after", "jitter", "seconds"),
    [
        (0, None, 0.0, 0),
        (0, None, 1.0, 10),
        (0, 15, 0.5, 20),
        (0.05, 60, 0.5, 150),
        (10, None, 0.01, 300),
        (10, 240, 0.0, 240),
        (10, 240, 1.0, 300),
    ],
)
def test_the_delay_follows_the_breaker_and_the_length_of_the_outage(
    sessions: sessionmaker[Session], hours: float, after: float | None, jitter: float, seconds: int
) -> None:
    batch = one_batch(sessions)
    if hours:
        postpone(sessions, batch)
        outage_lasts(sessions, hours=hours)
        (batch,) = claim_all(sessions)
    before = datetime.now(UTC)
    postpone(sessions, batch, after=after, jitter=jitter)
    waits = (job(sessions, batch.id).run_at - before).total_seconds()
    assert seconds <= waits < seconds + 2


def test_the_tick_of_a_schedule_is_postponed_within_its_interval(sessions: sessionmaker[Session]) -> None:
    batch = one_batch(sessions)
    do(sessions, "update app.jobs set schedule = 'audit-seal', due_at = now()")
    before = datetime.now(UTC)
    postpone(sessions, batch, after=240)
    assert 2 <= (job(sessions, batch.id).run_at - before).total_seconds() < 4


def test_any_number_of_postponements_leaves_all_attempts(sessions: sessionmaker[Session]) -> None:
    batch = one_batch(sessions, count=3)
    for _ in range(25):
        postpone(sessions, batch)
        outage_lasts(sessions, days=DAYS, seconds=-60)
        (batch,) = claim_all(sessions)
    assert len(batch) == 3
    assert value(sessions, "select string_agg(distinct attempts || state, ',') from app.jobs") == "0dispatched"


def test_a_job_is_dead_after_days_and_its_domain_is_informed(sessions: sessionmaker[Session]) -> None:
    batch = one_batch(sessions)
    postpone(sessions, batch)
    outage_lasts(sessions, days=DAYS)
    (batch,) = claim_all(sessions)
    dead_ids: list[UUID] = []

    def on_dead(_session: Session, job_ids: Sequence[UUID]) -> None:
        dead_ids.extend(job_ids)

    with sessions.begin() as session:
        result = ack(session, batch, {batch.id: Postpone("down")}, {CloseCheckout.kind: on_dead}, jitter=0.5)
    row = job(sessions, batch.id)
    assert (result, dead_ids) == (AckResult(dead=("down",)), [batch.id])
    assert (row.state, row.last_error, row.finished_at is not None) == ("dead", "down", True)


@pytest.mark.parametrize("event", ["failure", "replay"])
def test_the_age_of_an_outage_begins_anew(sessions: sessionmaker[Session], event: str) -> None:
    batch = one_batch(sessions)
    postpone(sessions, batch)
    outage_lasts(sessions, days=2 * DAYS)
    (batch,) = claim_all(sessions)
    with sessions.begin() as session:
        if event == "failure":
            work.fail(session, batch, "a bug", jitter=0.0)
        else:
            work.fail(session, batch, "refused", jitter=0.0, final=True)
            actor = UUID(int=0)
            assert replay(session, [batch.id], actor_id=actor, reason="again") == [batch.id]
    assert job(sessions, batch.id).unavailable_since is None
    (batch,) = claim_all(sessions)
    assert postpone(sessions, batch) == AckResult(again=("down",))


def test_an_old_job_may_meet_its_first_outage(sessions: sessionmaker[Session]) -> None:
    batch = one_batch(sessions)
    do(sessions, "update app.jobs set created_at = now() - interval '30 days'")
    assert postpone(sessions, batch) == AckResult(again=("down",))


def test_a_batch_notifies_the_relay_when_it_is_postponed(sessions: sessionmaker[Session]) -> None:
    batch = one_batch(sessions)
    with listen(sessions, "aula_done") as received:
        postpone(sessions, batch)
        assert ("aula_done", str(batch.id)) in received()


def test_a_batch_that_lost_its_lease_postpones_nothing(sessions: sessionmaker[Session]) -> None:
    stale = one_batch(sessions)
    do(sessions, "update app.jobs set state = 'pending', lease_until = null")
    claim_all(sessions)
    postpone(sessions, stale)
    row = job(sessions, stale.id)
    assert (row.state, row.unavailable_since, row.last_error) == ("dispatched", None, None)
