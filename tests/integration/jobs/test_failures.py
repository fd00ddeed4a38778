"""Failures: backoff, counted attempts, dead jobs, and the split of a batch."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from celery.exceptions import Retry as CeleryRetry
from sqlalchemy.orm import Session, sessionmaker

from core.jobs import work
from core.jobs.batch import Batch
from core.jobs.enqueue import NewJob, enqueue
from core.jobs.failure_log import describe
from core.messages import ProcessWebhook, SendMail
from core.wiring.handlers import DEAD_JOB_HANDLERS
from tasks.celery_status import JobsDeadError
from tests.support.jobs import claim_all, do, job, jobs, listen, states, value
from tests.support.trials import tasks
from tests.support.trials.messages import Trial


def one_batch(sessions: sessionmaker[Session], *wanted: NewJob | Trial) -> Batch:
    with sessions.begin() as session:
        enqueue(session, *wanted)
    (batch,) = claim_all(sessions)
    return batch


def fail(
    sessions: sessionmaker[Session], batch: Batch, jitter: float, after: timedelta | None = None
) -> Sequence[UUID]:
    with sessions.begin() as session:
        return work.fail(session, batch, "no", jitter=jitter, after=after)


@pytest.mark.parametrize(
    ("attempts", "jitter", "seconds"),
    [(0, 0.0, 0), (0, 1.0, 2), (0, 0.5, 1), (3, 1.0, 16), (3, 0.25, 4), (11, 1.0, 3600), (18, 0.5, 1800)],
)
def test_a_retry_waits_for_a_random_part_of_the_exponential_backoff(
    sessions: sessionmaker[Session], attempts: int, jitter: float, seconds: int
) -> None:
    batch = one_batch(sessions, Trial())
    do(sessions, "update app.jobs set attempts = :attempts", attempts=attempts)
    before = datetime.now(UTC)
    assert fail(sessions, batch, jitter) == []
    row = job(sessions, batch.id)
    waits = (row.run_at - before).total_seconds()
    assert seconds <= waits < seconds + 2
    assert (row.state, row.attempts, row.isolated, row.last_error, row.lease_until) == (
        "pending",
        attempts + 1,
        True,
        "no",
        None,
    )


def test_an_outcome_can_set_the_delay_of_the_retry(sessions: sessionmaker[Session]) -> None:
    batch = one_batch(sessions, Trial())
    before = datetime.now(UTC)
    fail(sessions, batch, 1.0, timedelta(minutes=7))
    assert 420 <= (job(sessions, batch.id).run_at - before).total_seconds() < 422


@pytest.mark.parametrize("after", [None, timedelta(minutes=7)])
def test_the_tick_of_a_schedule_is_retried_within_its_interval(
    sessions: sessionmaker[Session], after: timedelta | None
) -> None:
    batch = one_batch(sessions, Trial())
    do(sessions, "update app.jobs set attempts = 11, schedule = 'audit-seal', due_at = now()")
    before = datetime.now(UTC)
    fail(sessions, batch, 1.0, after)
    assert 2 <= (job(sessions, batch.id).run_at - before).total_seconds() < 4


def test_attempts_include_the_one_that_succeeds(sessions: sessionmaker[Session]) -> None:
    batch = one_batch(sessions, Trial())
    with sessions.begin() as session:
        work.complete(session, batch, {batch.id: None})
    assert job(sessions, batch.id).attempts == 1


def test_a_success_after_a_failure_is_counted_once_and_leaves_no_error(sessions: sessionmaker[Session]) -> None:
    batch = one_batch(sessions, Trial())
    fail(sessions, batch, 0.0)
    (batch,) = claim_all(sessions)
    with sessions.begin() as session:
        assert work.count_attempt(session, batch)
        work.complete(session, batch, {batch.id: None})
    row = job(sessions, batch.id)
    assert (row.state, row.attempts, row.last_error) == ("succeeded", 2, None)
    assert value(sessions, "select error from app.job_attempts") == "no"


def test_a_job_is_dead_after_its_last_attempt_fails(sessions: sessionmaker[Session]) -> None:
    batch = one_batch(sessions, NewJob(message=Trial(), max_attempts=2))
    assert fail(sessions, batch, 0.0) == []
    (batch,) = claim_all(sessions)
    assert batch.isolated
    with sessions.begin() as session:
        assert work.count_attempt(session, batch)
    assert fail(sessions, batch, 0.0) == [batch.id]
    row = job(sessions, batch.id)
    assert (row.state, row.attempts, row.finished_at is not None) == ("dead", 2, True)
    attempts = (
        "select string_agg(lease_version || error, ',' order by lease_version) from app.job_attempts where job_id = :id"
    )
    assert value(sessions, attempts, id=batch.id) == "1no,2no"


def test_the_attempt_of_an_isolated_job_is_counted_at_its_start_and_only_once(sessions: sessionmaker[Session]) -> None:
    batch = one_batch(sessions, NewJob(message=Trial(), max_attempts=1))
    do(sessions, "update app.jobs set isolated = true")
    with sessions.begin() as session:
        assert work.count_attempt(session, batch)
    assert job(sessions, batch.id).attempts == 1
    with sessions.begin() as session:
        assert not work.count_attempt(session, batch)
    assert job(sessions, batch.id).attempts == 1


@pytest.mark.usefixtures("in_process")
def test_a_failing_job_splits_its_batch_without_counting_attempts(sessions: sessionmaker[Session]) -> None:
    batch = one_batch(sessions, *(Trial(number=number) for number in range(4)), Trial(act="fail", number=9))
    with pytest.raises(CeleryRetry, match="5 jobs run one by one: ValueError: trial 9 fails") as shown:
        tasks.run.run(batch.to_wire())
    assert "trial 9 fails" in str(shown.value.exc)
    assert {(one.state, one.attempts, one.isolated, one.result) for one in jobs(sessions)} == {
        ("pending", 0, True, None)
    }
    for alone in claim_all(sessions):
        bad = job(sessions, alone.id).payload["act"] == "fail"
        if bad:
            with pytest.raises(CeleryRetry):
                tasks.run.run(alone.to_wire())
        else:
            tasks.run.run(alone.to_wire())
    after = sorted((one.payload["number"], one.state) for one in jobs(sessions))
    assert after == [*((number, "succeeded") for number in range(4)), (9, "pending")]
    assert value(sessions, "select count(*) from app.job_attempts") == 1


@pytest.mark.usefixtures("in_process")
def test_celery_shows_the_error_of_a_dead_job(sessions: sessionmaker[Session]) -> None:
    batch = one_batch(sessions, NewJob(message=Trial(act="fail", number=3), max_attempts=1))
    with pytest.raises(ValueError, match="trial 3 fails"):
        tasks.run.run(batch.to_wire())
    row = job(sessions, batch.id)
    assert (row.state, row.last_error) == ("dead", "ValueError: trial 3 fails")


@pytest.mark.usefixtures("in_process")
def test_each_outcome_is_written_and_then_reported(sessions: sessionmaker[Session]) -> None:
    acts = ["succeed", "retry", "cancel"]
    batch = one_batch(sessions, *(Trial(act=act, number=number) for number, act in enumerate(acts)))
    with pytest.raises(CeleryRetry, match="1 run again: not yet") as shown:
        tasks.run.run(batch.to_wire())
    assert "not yet" in str(shown.value.exc)
    rows = {one.payload["act"]: one for one in jobs(sessions)}
    assert (rows["succeed"].state, rows["succeed"].result) == ("succeeded", {"number": 0})
    assert {one.attempts for one in rows.values()} == {1}
    assert (rows["retry"].state, rows["retry"].attempts, rows["retry"].last_error) == ("pending", 1, "not yet")
    assert (rows["cancel"].state, rows["cancel"].last_error) == ("cancelled", "not wanted")


@pytest.mark.usefixtures("in_process")
def test_a_retry_without_an_attempt_left_is_reported_as_dead(sessions: sessionmaker[Session]) -> None:
    batch = one_batch(sessions, NewJob(message=Trial(act="retry"), max_attempts=1), Trial())
    with pytest.raises(JobsDeadError, match="1 dead: not yet"):
        tasks.run.run(batch.to_wire())
    assert sorted(states(sessions)) == ["dead", "succeeded"]


@pytest.mark.usefixtures("in_process")
def test_a_discarded_job_is_dead_at_once_and_its_domain_is_informed(
    sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    dead_ids: list[UUID] = []

    def on_dead(_session: Session, job_ids: Sequence[UUID]) -> None:
        dead_ids.extend(job_ids)

    monkeypatch.setattr("tasks.decorators.DEAD_JOB_HANDLERS", {Trial.kind: on_dead})
    batch = one_batch(sessions, Trial(act="discard", number=1), Trial(number=2))
    with pytest.raises(JobsDeadError, match="1 dead: hopeless"):
        tasks.run.run(batch.to_wire())
    rows = {one.payload["number"]: one for one in jobs(sessions)}
    assert rows[2].state == "succeeded"
    discarded = rows[1]
    assert (discarded.state, discarded.attempts, discarded.last_error) == ("dead", 1, "hopeless")
    assert discarded.finished_at is not None
    assert dead_ids == [discarded.id]
    assert value(sessions, "select error from app.job_attempts") == "hopeless"


def test_a_batch_notifies_the_relay_when_it_ends_and_a_stale_batch_does_not(
    sessions: sessionmaker[Session],
) -> None:
    batch = one_batch(sessions, Trial(number=1), Trial(number=2))
    with listen(sessions, "aula_jobs", "aula_done") as received:
        with sessions.begin() as session:
            work.split(session, batch)
        assert sorted(received()) == [("aula_done", str(batch.id)), ("aula_jobs", "trials.run 1")]
        with sessions.begin() as session:
            work.split(session, batch)
        assert received() == []


def test_progress_is_kept_while_a_job_runs(sessions: sessionmaker[Session]) -> None:
    batch = one_batch(sessions, Trial())
    with sessions.begin() as session:
        work.report(session, batch, {"done": 40, "of": 200})
    assert job(sessions, batch.id).progress == {"done": 40, "of": 200}
    with sessions.begin() as session:
        work.complete(session, batch, {batch.id: {"of": 200}})
    row = job(sessions, batch.id)
    assert (row.progress, row.result) == (None, {"of": 200})


def test_a_lease_is_renewed(sessions: sessionmaker[Session]) -> None:
    batch = one_batch(sessions, Trial())
    with sessions.begin() as session:
        assert work.renew(session, batch, 500)
    assert float(str(value(sessions, "select extract(epoch from lease_until - now()) from app.jobs"))) > 400


EVENT = """
insert into app.webhook_events (id, provider, event_id, type, occurred_at, body, data)
values (:id, 'stripe', 'evt_1', 'x', now(), '{}', '{"kind": "none"}')
"""
MAIL = """
with reader as (
    insert into app.profiles (email, password_hash, display_name)
    values (gen_random_uuid() || '@aula.example', '!', 'Reader') returning id
)
insert into app.mail_messages (id, dedupe_key, template, profile_id) select :id, 'fact', 'register', id from reader
"""


def test_the_event_of_a_dead_job_is_dead(sessions: sessionmaker[Session]) -> None:
    event_id = uuid4()
    do(sessions, EVENT, id=event_id)
    with sessions.begin() as session:
        (job_id,) = enqueue(session, ProcessWebhook(event_id=event_id))
    do(sessions, "update app.jobs set last_error = 'poison'")
    with sessions.begin() as session:
        DEAD_JOB_HANDLERS[ProcessWebhook.kind](session, [job_id])
    assert value(sessions, "select state || ':' || outcome from app.webhook_events") == "dead:given up"
    assert value(sessions, "select error from app.webhook_attempts") == "poison"


def test_a_processed_event_stays_processed(sessions: sessionmaker[Session]) -> None:
    event_id = uuid4()
    do(sessions, EVENT, id=event_id)
    do(sessions, "update app.webhook_events set state = 'processed', processed_at = now(), outcome = 'paid'")
    with sessions.begin() as session:
        (job_id,) = enqueue(session, ProcessWebhook(event_id=event_id))
        DEAD_JOB_HANDLERS[ProcessWebhook.kind](session, [job_id])
    assert value(sessions, "select state || ':' || outcome from app.webhook_events") == "processed:paid"


@pytest.mark.parametrize(("before", "after"), [("sending", "dead"), ("sent", "sent")])
def test_the_mail_of_a_dead_job_is_dead_unless_it_was_sent(
    sessions: sessionmaker[Session], before: str, after: str
) -> None:
    mail_id = uuid4()
    do(sessions, MAIL, id=mail_id)
    do(
        sessions,
        "update app.mail_messages set state = :state, sent_at = case when :state = 'sent' then now() end",
        state=before,
    )
    with sessions.begin() as session:
        (job_id,) = enqueue(session, SendMail(mail_id=mail_id))
        DEAD_JOB_HANDLERS[SendMail.kind](session, [job_id])
    assert value(sessions, "select state from app.mail_messages") == after


@pytest.mark.parametrize(
    ("error", "words"),
    [(ValueError("one\ntwo"), "ValueError: one"), (KeyError("a"), "KeyError: 'a'"), (RuntimeError(), "RuntimeError")],
)
def test_an_error_is_described_by_its_type_and_first_line(error: Exception, words: str) -> None:
    assert describe(error) == words
