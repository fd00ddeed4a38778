"""`Statements`: each one is a transaction, on one kept connection that is replaced when lost."""

from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from core.jobs.enqueue import enqueue
from core.messages import FulfilOrder
from tasks import runtime
from tests.support.jobs import do, job, statements, value

UNKNOWN_ORDER = UUID(int=0)
RENEW = {"ids": "{}", "lease_version": 1, "lease": 30}
# The idle connection whose last query is a statement; a session's last query is COMMIT or ROLLBACK.
KEPT_CONNECTION = """
from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and query not in ('COMMIT', 'ROLLBACK')
"""


def test_a_statement_returns_its_rows_and_commits(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        (job_id,) = enqueue(session, FulfilOrder(order_id=UNKNOWN_ORDER))
    do(sessions, "update app.jobs set state = 'dispatched', lease_version = 1, lease_until = now()")
    with statements(sessions) as one:
        before = job(sessions, job_id).lease_until
        rows = one.run("jobs/renew_lease", {**RENEW, "ids": f"{{{job_id}}}"})
        after = job(sessions, job_id).lease_until
    assert len(rows) == 1
    assert before is not None
    assert after is not None
    assert after > before


def test_a_lost_connection_raises_and_the_next_statement_gets_a_new_one(sessions: sessionmaker[Session]) -> None:
    with statements(sessions) as one:
        one.run("jobs/paused_or_limited")
        assert value(sessions, f"select pg_terminate_backend(pid) {KEPT_CONNECTION}") is True
        with pytest.raises(psycopg.OperationalError):
            one.run("jobs/paused_or_limited")
        assert one.run("jobs/paused_or_limited") is not None


def test_a_refused_statement_keeps_the_connection(sessions: sessionmaker[Session]) -> None:
    with statements(sessions) as one:
        one.run("jobs/paused_or_limited")
        before = value(sessions, f"select pid {KEPT_CONNECTION}")
        with pytest.raises(psycopg.DataError):
            one.run("jobs/renew_lease", {**RENEW, "ids": "{not an id}"})
        assert one.run("jobs/renew_lease", RENEW) == []
        assert value(sessions, f"select pid {KEPT_CONNECTION}") == before


def test_a_released_connection_is_no_longer_in_autocommit(sessions: sessionmaker[Session]) -> None:
    with statements(sessions) as one:
        one.run("jobs/paused_or_limited")
    with sessions() as session:
        session.execute(text("create table app.half_written ()"))
        session.rollback()
    assert value(sessions, "select to_regclass('app.half_written')") is None


def test_only_single_statements_commit_without_waiting_for_the_disk(in_process: pytest.MonkeyPatch) -> None:
    assert in_process
    asked = text("show synchronous_commit")
    with runtime.sessions()() as session:
        assert session.scalar(asked) == "on"
    with runtime.statement_engine().connect() as connection:
        assert connection.scalar(asked) == "off"
