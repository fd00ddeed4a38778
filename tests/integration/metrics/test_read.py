"""The numbers that are read from the database."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session, sessionmaker

from core.findings.kinds import Kind
from core.jobs.rescue import rescue
from core.metrics import read as read_module
from core.metrics.read import GAUGES, read
from db.models import Base, Finding, Job, JobAttempt, JobKind, MailMessage, Profile, WebhookEvent
from db.models import Schedule as ScheduleRow
from tests.support.jobs import do
from workers.listener import Listener

HOUR = timedelta(hours=1)
# Seconds that a test may take between a row and its reading.
SLACK = 60
Numbers = Mapping[tuple[str, ...], float]


def numbers(sessions: sessionmaker[Session]) -> Numbers:
    """Each number by its name and the values of its labels."""
    with sessions.begin() as session:
        return {(sample.name, *sample.labels): sample.value for sample in read(session, now())}


def now() -> datetime:
    return datetime.now(UTC)


def add(sessions: sessionmaker[Session], *rows: Base) -> None:
    for row in rows:
        with sessions.begin() as session:
            session.add(row)


def event(number: int, state: str, received_at: datetime) -> WebhookEvent:
    return WebhookEvent(
        provider="stripe",
        event_id=f"evt_{number}",
        type="checkout.session.completed",
        occurred_at=received_at,
        received_at=received_at,
        body="{}",
        state=state,
        processed_at=None if state == "received" else now(),
    )


def test_every_gauge_has_a_number_with_all_its_labels(sessions: sessionmaker[Session]) -> None:
    buyer = Profile(id=uuid4(), email="gauges@aula.example", password_hash="-", display_name="Test User")
    add(sessions, buyer, Job(kind="mail.send", state="succeeded", finished_at=now()), event(1, "received", now()))
    add(sessions, MailMessage(dedupe_key="receipt:1", template="receipt", profile_id=buyer.id))
    with sessions.begin() as session:
        samples = read(session, now())
    assert {sample.name for sample in samples} == set(GAUGES)
    assert [one for one in samples if len(one.labels) != len(GAUGES[one.name].labels)] == []
    assert len({(one.name, one.labels) for one in samples}) == len(samples)


def test_jobs_are_counted_by_kind_and_state(sessions: sessionmaker[Session]) -> None:
    add(
        sessions,
        Job(kind="mail.send"),
        Job(kind="mail.send", unavailable_since=now()),
        Job(kind="mail.send", state="dead", finished_at=now()),
        Job(kind="mail.send", state="succeeded", finished_at=now()),
        Job(kind="orders.fulfil", state="dispatched", lease_until=now() - HOUR),
        Job(kind="orders.fulfil", state="dispatched", lease_until=now() + HOUR),
    )
    found = numbers(sessions)
    assert found["aula_jobs", "mail.send", "pending"] == 2
    assert found["aula_jobs", "mail.send", "dead"] == 1
    assert found["aula_jobs", "orders.fulfil", "dispatched"] == 2
    assert found["aula_jobs_waiting_for_gateway", "mail.send"] == 1
    assert found["aula_leases_overdue",] == 1
    assert ("aula_jobs", "mail.send", "succeeded") not in found
    assert found["aula_recent_jobs", "mail.send", "succeeded"] == 1


def test_a_count_ends_at_its_bound(sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_module, "MOST_ROWS", 2)
    add(sessions, *(Job(kind="mail.send") for _ in range(3)))
    assert numbers(sessions)["aula_jobs", "mail.send", "pending"] == 2


def test_the_oldest_due_job_is_that_of_its_queue(sessions: sessionmaker[Session]) -> None:
    add(
        sessions,
        Job(kind="mail.send", run_at=now() - HOUR),
        Job(kind="mail.send", run_at=now() - 2 * HOUR, priority=2),
        Job(kind="orders.fulfil", run_at=now() + HOUR),
    )
    found = numbers(sessions)
    assert found["aula_oldest_due_job_seconds", "mail"] == pytest.approx(7200, abs=SLACK)
    assert found["aula_oldest_due_job_seconds", "orders"] == 0
    assert found["aula_relay_lag_seconds",] == pytest.approx(7200, abs=SLACK)


def test_jobs_of_paused_and_limited_kinds_are_no_lag_of_the_relay(sessions: sessionmaker[Session]) -> None:
    do(sessions, "update app.job_kinds set paused_at = now(), pause_reason = 'A test.' where kind = 'mail.send'")
    late = now() - HOUR
    add(sessions, Job(kind="mail.send", run_at=late), Job(kind="audit.seal", run_at=late))
    found = numbers(sessions)
    assert found["aula_relay_lag_seconds",] == 0
    assert found["aula_oldest_due_job_seconds", "mail"] == 0
    assert found["aula_oldest_due_job_seconds", "audit"] == pytest.approx(3600, abs=SLACK)
    assert (found["aula_kind_paused", "mail.send"], found["aula_kind_paused", "audit.seal"]) == (1, 0)


def test_failed_attempts_are_counted_by_kind_and_reason(sessions: sessionmaker[Session]) -> None:
    job_id = uuid4()
    add(sessions, Job(id=job_id, kind="mail.send"))
    lost = "the lease ran out: the worker died, or its message was lost"
    errors = ("ValueError: no", lost, "WorkerLostError: Worker exited prematurely")
    add(sessions, *(JobAttempt(job_id=job_id, lease_version=1, error=error) for error in errors))
    found = numbers(sessions)
    reasons = ("error", "lease_ran_out", "process_lost")
    assert [found["aula_recent_failed_attempts", "mail.send", reason] for reason in reasons] == [1, 1, 1]
    assert found["aula_recent_failed_attempts", "orders.fulfil", "error"] == 0


def test_a_lost_lease_is_counted_when_the_relay_rescues_it(sessions: sessionmaker[Session]) -> None:
    add(sessions, Job(kind="mail.send", state="dispatched", lease_until=now() - HOUR))
    with sessions.begin() as session:
        rescue(session, {})
    assert numbers(sessions)["aula_recent_failed_attempts", "mail.send", "lease_ran_out"] == 1


def test_durations_are_those_of_jobs_that_succeeded(sessions: sessionmaker[Session]) -> None:
    began = now()
    for seconds in (1, 2, 9):
        ended = began + timedelta(seconds=seconds)
        add(sessions, Job(kind="mail.send", state="succeeded", created_at=began, finished_at=ended))
    found = numbers(sessions)
    assert found["aula_recent_job_seconds", "mail.send", "50"] == pytest.approx(2)
    assert found["aula_recent_job_seconds", "mail.send", "100"] == pytest.approx(9)


def test_events_that_wait_are_counted_and_the_oldest_gives_its_age(sessions: sessionmaker[Session]) -> None:
    assert numbers(sessions)["aula_oldest_unprocessed_event_seconds",] == 0
    for number, state in enumerate(("received", "received", "dead", "processed")):
        add(sessions, event(number, state, now() - HOUR))
    found = numbers(sessions)
    assert (found["aula_webhook_events", "received"], found["aula_webhook_events", "dead"]) == (2, 1)
    assert found["aula_oldest_unprocessed_event_seconds",] == pytest.approx(3600, abs=SLACK)
    assert found["aula_recent_webhook_events", "processed"] == 1


def test_only_open_findings_are_counted(sessions: sessionmaker[Session]) -> None:
    dead = Kind.JOB_DEAD.value
    add(sessions, Finding(kind=dead, subject_id=uuid4()), Finding(kind=dead, subject_id=uuid4()))
    add(sessions, Finding(kind=dead, subject_id=uuid4(), closed_at=now(), resolution="resolved"))
    found = numbers(sessions)
    assert found["aula_findings_open", dead] == 2
    assert found["aula_findings_open", Kind.REFUND_FAILED.value] == 0


def test_a_schedule_is_late_from_its_due_time(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        session.get_one(ScheduleRow, "orders-expire").next_due_at = now() - HOUR
    found = numbers(sessions)
    assert found["aula_schedule_late_seconds", "orders-expire"] == pytest.approx(3600, abs=SLACK)
    assert found["aula_schedule_late_seconds", "audit-seal"] == 0


def test_relays_are_counted_by_their_connections(sessions: sessionmaker[Session], database_url: str) -> None:
    assert numbers(sessions)["aula_relays",] == 0
    listener = Listener(database_url)
    try:
        assert numbers(sessions)["aula_relays",] == 1
    finally:
        listener.close()


def test_a_kind_of_another_release_is_counted_too(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        session.merge(JobKind(kind="later.kind", queue="mail"))
    add(sessions, Job(kind="later.kind"))
    assert numbers(sessions)["aula_jobs", "later.kind", "pending"] == 1
