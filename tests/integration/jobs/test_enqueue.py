"""Enqueue in the caller's transaction, and the notification on its commit."""

from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from core.jobs.enqueue import HIGH, LOW, NewJob, enqueue
from core.jobs.work import complete
from tests.support.jobs import claim_all, job, jobs
from tests.support.trials.messages import Trial
from workers.listener import JOBS, Listener


class RolledBackError(Exception):
    pass


def test_a_rollback_leaves_nothing(sessions: sessionmaker[Session]) -> None:
    def fail() -> None:
        with sessions.begin() as session:
            enqueue(session, Trial())
            raise RolledBackError

    with pytest.raises(RolledBackError):
        fail()
    assert jobs(sessions) == []


def test_a_job_is_stored_as_given(sessions: sessionmaker[Session]) -> None:
    at = datetime.now(UTC) + timedelta(days=1)
    given = NewJob(
        message=Trial(number=7),
        id=uuid4(),
        run_at=at,
        priority=HIGH,
        max_attempts=3,
        concurrency_key="key",
        dedupe_key="one",
    )
    with sessions.begin() as session:
        assert list(enqueue(session, given)) == [given.id]
    (row,) = jobs(sessions)
    assert (row.id, row.kind, row.state, row.lease_version, row.attempts) == (given.id, Trial.kind, "pending", 0, 0)
    assert (row.run_at, row.priority, row.max_attempts) == (at, HIGH, 3)
    assert (row.concurrency_key, row.dedupe_key) == ("key", "one")
    assert Trial.read(row.payload) == given.message


def test_a_dedupe_key_is_unique_among_unfinished_jobs(sessions: sessionmaker[Session]) -> None:
    wanted = NewJob(message=Trial(), dedupe_key="once")
    with sessions.begin() as session:
        (first,) = enqueue(session, wanted)
        assert list(enqueue(session, wanted, Trial())) != [first]
        assert list(enqueue(session, wanted, wanted)) == []
    for batch in claim_all(sessions):
        with sessions.begin() as session:
            assert list(enqueue(session, wanted)) == []
            complete(session, batch, dict.fromkeys(batch.job_ids))
    with sessions.begin() as session:
        assert len(enqueue(session, wanted, wanted)) == 1


def test_two_transactions_enqueue_one_key_once(sessions: sessionmaker[Session]) -> None:
    wanted = NewJob(message=Trial(), dedupe_key="once")
    with sessions.begin() as session:
        enqueue(session, wanted)
    with sessions.begin() as one, sessions() as other:
        other.begin()
        assert list(enqueue(one, wanted)) == []
        assert list(enqueue(other, wanted)) == []
    assert len(jobs(sessions)) == 1


def test_a_job_is_not_claimed_before_it_is_due(sessions: sessionmaker[Session]) -> None:
    now = datetime.now(UTC)
    with sessions.begin() as session:
        enqueue(session, NewJob(message=Trial(), run_at=now + timedelta(minutes=1)))
        (due,) = enqueue(session, NewJob(message=Trial(), run_at=now - timedelta(days=1)))
    assert [batch.job_ids for batch in claim_all(sessions)] == [(due,)]
    assert job(sessions, due).lease_until is not None


@pytest.fixture
def listener(database_url: str, sessions: sessionmaker[Session]) -> Generator[Listener]:
    assert sessions
    listener = Listener(database_url)
    yield listener
    listener.close()


def received(listener: Listener) -> list[tuple[str, str]]:
    return list(listener.receive(0.3))


def test_a_commit_notifies_each_lane_once(sessions: sessionmaker[Session], listener: Listener) -> None:
    with sessions.begin() as session:
        enqueue(session, Trial(), Trial(), NewJob(message=Trial(), priority=LOW))
        enqueue(session, Trial())
        session.flush()
        assert received(listener) == []
    assert sorted(received(listener) + received(listener)) == [(JOBS, "trials.run 1"), (JOBS, "trials.run 2")]


def test_a_rollback_and_a_job_for_later_do_not_notify(sessions: sessionmaker[Session], listener: Listener) -> None:
    with sessions.begin() as session:
        enqueue(session, NewJob(message=Trial(), run_at=datetime.now(UTC) + timedelta(hours=1)))
    with sessions() as session:
        enqueue(session, Trial())
        session.rollback()
    assert received(listener) == []


def test_a_lost_connection_raises(database_url: str, sessions: sessionmaker[Session]) -> None:
    listener = Listener(database_url)
    with sessions.begin() as session:
        session.execute(text("select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen %'"))
    with pytest.raises(psycopg.OperationalError):
        list(listener.receive(5))
    listener.close()
