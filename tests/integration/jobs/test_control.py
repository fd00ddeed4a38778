"""What an operator can do: cancel, replay, pause and resume, each audited with its reason."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from core.jobs import control, work
from core.jobs.enqueue import NewJob, enqueue
from core.jobs.schedules import install
from core.messages import ProcessWebhook, SendMail
from core.problems import InputInvalid
from core.webhooks.parse import read_stripe_event
from core.wiring.handlers import DEAD_JOB_HANDLERS
from tests.support.jobs import claim_all, do, job, jobs, states, value
from tests.support.purchases import Purchase, paid_event
from tests.support.stored_events import store
from tests.support.trials.messages import Trial
from tests.support.waiting import wait_until

ADMIN = uuid4()
AUDITED = "select string_agg(tag || ' ' || actor_id || ' ' || (data ->> 'reason'), ',') from app.audit_events"


def add(sessions: sessionmaker[Session], *wanted: NewJob | Trial) -> list[UUID]:
    with sessions.begin() as session:
        return list(enqueue(session, *(wanted or (Trial(),))))


def cancel(sessions: sessionmaker[Session], *ids: UUID) -> list[UUID]:
    with sessions.begin() as session:
        return list(control.cancel(session, DEAD_JOB_HANDLERS, ids, actor_id=ADMIN, reason="a mistake"))


def replay(sessions: sessionmaker[Session], *ids: UUID) -> list[UUID]:
    with sessions.begin() as session:
        return list(control.replay(session, ids, actor_id=ADMIN, reason="mended"))


@pytest.mark.parametrize("claimed", [False, True])
def test_an_unfinished_job_is_cancelled(sessions: sessionmaker[Session], claimed: bool) -> None:  # noqa: FBT001 - a parameter
    (one,) = add(sessions)
    batches = claim_all(sessions) if claimed else []
    assert cancel(sessions, one) == [one]
    row = job(sessions, one)
    assert (row.state, row.last_error, row.lease_until) == ("cancelled", "a mistake", None)
    assert value(sessions, AUDITED) == f"jobs:job:cancelled {ADMIN} a mistake"
    assert claim_all(sessions) == []
    for batch in batches:
        with sessions.begin() as session:
            assert work.take(session, batch) == []


def test_the_event_of_a_cancelled_job_is_dead(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        store(session, [read_stripe_event(paid_event(Purchase(uuid4(), 100)))])
    (processing,) = jobs(sessions)
    assert processing.kind == ProcessWebhook.kind
    assert cancel(sessions, processing.id) == [processing.id]
    assert value(sessions, "select state || ' ' || outcome from app.webhook_events") == "dead given up"


def test_a_finished_or_unknown_job_is_not_cancelled(sessions: sessionmaker[Session]) -> None:
    (one,) = add(sessions)
    (batch,) = claim_all(sessions)
    with sessions.begin() as session:
        work.complete(session, batch, {one: None})
    assert cancel(sessions, one, uuid4()) == []
    assert states(sessions) == ["succeeded"]
    assert value(sessions, AUDITED) is None


def test_a_cancel_waits_for_the_worker_and_finds_the_job_finished(sessions: sessionmaker[Session]) -> None:
    (one,) = add(sessions)
    (batch,) = claim_all(sessions)
    with ThreadPoolExecutor(1) as pool:
        with sessions.begin() as worker:
            work.take(worker, batch)
            late = pool.submit(cancel, sessions, one)
            waiting = (
                "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
            )
            wait_until(lambda: value(sessions, waiting), "the cancel waits")
            work.complete(worker, batch, {one: None})
        assert late.result(10) == []
    assert states(sessions) == ["succeeded"]


@pytest.mark.parametrize("state", ["succeeded", "dead", "cancelled"])
def test_a_finished_job_is_replayed_from_the_beginning(sessions: sessionmaker[Session], state: str) -> None:
    (one,) = add(sessions)
    do(
        sessions,
        "update app.jobs set state = :state, finished_at = now(), attempts = 20, lease_version = 20, result = '{}'",
        state=state,
    )
    assert replay(sessions, one) == [one]
    row = job(sessions, one)
    assert (row.state, row.attempts, row.result, row.finished_at) == ("pending", 0, None, None)
    assert value(sessions, AUDITED) == f"jobs:job:replayed {ADMIN} mended"
    (batch,) = claim_all(sessions)
    assert (batch.lease_version, batch.isolated) == (21, True)


@pytest.mark.parametrize("claimed", [False, True])
def test_an_unfinished_job_is_not_replayed(sessions: sessionmaker[Session], claimed: bool) -> None:  # noqa: FBT001 - a parameter
    (one,) = add(sessions)
    if claimed:
        claim_all(sessions)
    assert replay(sessions, one) == []


def test_of_jobs_with_one_dedupe_key_only_one_is_replayed(sessions: sessionmaker[Session]) -> None:
    finish = "update app.jobs set state = 'dead', finished_at = now() where state = 'pending'"
    ids: list[UUID] = []
    for _ in range(3):
        ids += add(sessions, NewJob(message=Trial(), dedupe_key="once"))
        do(sessions, finish)
    (other,) = add(sessions, Trial(number=1))
    do(sessions, finish)
    assert set(replay(sessions, *ids, other)) == {ids[-1], other}
    assert replay(sessions, ids[0]) == []
    assert sorted(states(sessions)) == ["dead", "dead", "pending", "pending"]


def test_a_kind_is_paused_and_resumed(sessions: sessionmaker[Session]) -> None:
    add(sessions)
    do(sessions, "insert into app.jobs (kind) values ('mail.send')")
    with sessions.begin() as session:
        control.pause(session, [SendMail.kind], datetime.now(UTC), actor_id=ADMIN, reason="the mail server is down")
    assert [batch.kind for batch in claim_all(sessions)] == [Trial.kind]
    paused = "select pause_reason from app.job_kinds where paused_at is not null"
    assert value(sessions, paused) == "the mail server is down"
    with sessions.begin() as session:
        control.resume(session, [SendMail.kind], actor_id=ADMIN, reason="it is back")
    assert [batch.kind for batch in claim_all(sessions)] == [SendMail.kind]
    assert value(sessions, AUDITED) == (
        f"jobs:kind:paused {ADMIN} the mail server is down,jobs:kind:resumed {ADMIN} it is back"
    )


def test_a_pause_survives_a_release(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        control.pause(session, [SendMail.kind], datetime.now(UTC), actor_id=ADMIN, reason="x")
        before = session.execute(text("select kind, paused_at from app.job_kinds order by 1")).all()
        install(session)
        assert session.execute(text("select kind, paused_at from app.job_kinds order by 1")).all() == before


def test_an_unknown_kind_is_an_error_that_names_it(sessions: sessionmaker[Session]) -> None:
    kinds, named = ["mail.send", "mail.sned"], r"no kind 'mail\.sned'; there are .*mail\.send"
    with sessions.begin() as session:
        with pytest.raises(InputInvalid, match=named):
            control.pause(session, kinds, datetime.now(UTC), actor_id=ADMIN, reason="x")
        with pytest.raises(InputInvalid, match=named):
            control.resume(session, kinds, actor_id=ADMIN, reason="x")
    assert value(sessions, AUDITED) is None


def test_a_queue_has_kinds_and_an_unknown_queue_is_an_error(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        assert control.kinds_of(session, "orders") == ["orders.expire", "orders.fulfil"]
        with pytest.raises(InputInvalid, match="no queue 'oders'"):
            control.kinds_of(session, "oders")
    assert jobs(sessions) == []
