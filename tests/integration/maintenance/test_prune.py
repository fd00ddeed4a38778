"""maintenance.prune: every kind of row goes after its retention, a part at a time, until none is left."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from core.ids import first_id_at
from core.jobs.enqueue import enqueue
from core.maintenance import prune as pruning
from core.maintenance.prune import PRUNED, prune_rows
from core.maintenance.tables import KEPT
from core.messages import Prune
from core.retention import Retention
from db.models import Base
from tests.support.job_runner import JobRunner, open_runner
from tests.support.jobs import do, jobs, value

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
OWNER = "(select id from app.profiles where email = 'owner@aula.example')"
# A row of each kind that was finished, made or ended at :at, with the id :id.
ROWS = {
    "jobs": "insert into app.jobs (id, kind, state, finished_at) values (:id, 'mail.send', 'succeeded', :at)",
    "dead_jobs": "insert into app.jobs (id, kind, state, finished_at) values (:id, 'mail.send', 'dead', :at)",
    "events": """
        insert into app.webhook_events (id, provider, event_id, type, occurred_at, body, state, processed_at)
        values (:id, 'stripe', 'evt_1', 'charge.updated', :at, '{}', 'processed', :at)
    """,
    "mails": """
        insert into app.mail_messages (id, dedupe_key, template, profile_id, state, sent_at)
        values (:id, 'receipt:1', 'receipt', OWNER, 'sent', :at)
    """,
    "unproven_accounts": """
        insert into app.profiles (email, password_hash, display_name, created_at)
        values ('new@aula.example', '-', 'New', cast(:at as timestamptz))
    """,
    "idempotency_keys": """
        insert into app.idempotency_keys (profile_id, key, request_hash, status, created_at)
        values (OWNER, 'k', decode(repeat('00', 32), 'hex'), 200, :at)
    """,
    "rate_limits": "insert into app.rate_limits (bucket, window_start) values ('login:x', :at)",
    "sessions": """
        insert into app.sessions (profile_id, created_at, used_at, expires_at)
        values (OWNER, cast(:at as timestamptz) - interval '1 day', :at, :at)
    """,
    "refresh_tokens": """
        with session as (
            insert into app.sessions (profile_id, created_at, used_at, expires_at)
            values (OWNER, :at, :at, cast(:at as timestamptz) + interval '90 days') returning id
        )
        insert into app.refresh_tokens (id, profile_id, session_id, token_hash, expires_at)
        select :id, OWNER, id, decode(repeat('00', 32), 'hex'), cast(:at as timestamptz) + interval '30 days'
        from session
    """,
    "second_factors": """
        insert into app.totp_factors (profile_id, secret, started_at) values (OWNER, '', :at)
    """,
    "links": """
        insert into app.one_time_tokens (profile_id, purpose, email, created_at, expires_at)
        values (OWNER, 'prove_email', 'owner@aula.example', cast(:at as timestamptz) - interval '1 day', :at)
    """,
    "gifts": """
        with course as (
            insert into app.courses (teacher_id, title, price_amount, currency)
            values (OWNER, 'C', 0, 'SEK') returning id
        )
        insert into app.gifts (course_id, email, given_by, created_at)
        select id, 'a@aula.example', OWNER, :at from course
    """,
    "exports": """
        insert into app.exports (profile_id, requested_at, ready_at, expires_at, archive)
        values (OWNER, cast(:at as timestamptz) - interval '7 days', :at, :at, '')
    """,
}


@pytest.fixture
def rows(sessions: sessionmaker[Session]) -> Iterator[sessionmaker[Session]]:
    """A database with one account, and no rows that pruning deletes."""
    tables = ", ".join(sorted({f"app.{rule.table}" for rule in PRUNED.values()} - {"app.profiles"}))
    do(sessions, f"truncate {tables} cascade")
    do(sessions, "delete from app.profiles where email = 'new@aula.example'")
    do(
        sessions,
        "insert into app.profiles (email, password_hash, display_name, email_proven_at)"
        " values ('owner@aula.example', '-', 'O', now()) on conflict do nothing",
    )
    yield sessions
    do(sessions, f"truncate {tables} cascade")


def insert(sessions: sessionmaker[Session], name: str, at: datetime) -> None:
    params = {"id": first_id_at(at)} if ":id" in ROWS[name] else {}
    do(sessions, ROWS[name].replace("OWNER", OWNER), at=at, **params)


def pruned(sessions: sessionmaker[Session], name: str, now: datetime = NOW) -> int:
    with sessions.begin() as session:
        return prune_rows(session, name, now, Retention())


@pytest.mark.parametrize("name", PRUNED)
def test_a_row_goes_after_its_retention_and_not_before(rows: sessionmaker[Session], name: str) -> None:
    setting = PRUNED[name].setting
    ended = NOW - timedelta(days=getattr(Retention(), setting) if setting else 0)
    insert(rows, name, ended)
    assert pruned(rows, name, NOW - timedelta(minutes=1)) == 0
    assert pruned(rows, name, NOW + timedelta(minutes=1)) == 1


@pytest.mark.parametrize(("name", "kind"), [("events", "event_dead"), ("dead_jobs", "job_dead")])
def test_what_an_open_finding_is_about_stays(rows: sessionmaker[Session], name: str, kind: str) -> None:
    at = NOW - timedelta(days=1000)
    insert(rows, name, at)
    do(rows, "insert into app.findings (kind, subject_id) values (:kind, :id)", kind=kind, id=first_id_at(at))
    assert pruned(rows, name) == 0
    do(rows, "update app.findings set closed_at = now(), resolution = 'dismissed'")
    assert pruned(rows, name) == 1


@pytest.mark.parametrize("state", ["received", "dead"])
def test_events_that_wait_for_a_handler_or_a_person_stay(rows: sessionmaker[Session], state: str) -> None:
    at = NOW - timedelta(days=1000)
    insert(rows, "events", at)
    ended = "null" if state == "received" else "now()"
    do(rows, f"update app.webhook_events set state = '{state}', processed_at = {ended}")  # noqa: S608 - two constants
    assert pruned(rows, "events") == 0


def test_a_session_that_was_ended_early_goes_after_its_end(rows: sessionmaker[Session]) -> None:
    insert(rows, "sessions", NOW)
    do(rows, "update app.sessions set ended_at = expires_at - interval '40 days'")
    assert pruned(rows, "sessions") == 1


def test_a_withdrawn_gift_that_was_never_taken_goes_too(rows: sessionmaker[Session]) -> None:
    insert(rows, "gifts", NOW - timedelta(days=91))
    do(rows, "update app.gifts set withdrawn_at = now(), withdrawn_by = given_by")
    assert pruned(rows, "gifts") == 1


@pytest.fixture
def runner(rows: sessionmaker[Session], in_process: pytest.MonkeyPatch) -> Iterator[JobRunner]:
    with open_runner(rows, in_process) as opened:
        yield opened


MANY = """
insert into app.jobs (id, kind, state, finished_at)
select cast('01000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0') as uuid), 'mail.send', 'succeeded',
       now() - interval '15 days'
from generate_series(1, :count) n
"""


def test_twelve_thousand_jobs_go_in_one_run_a_part_in_each_commit(
    rows: sessionmaker[Session], runner: JobRunner
) -> None:
    do(rows, MANY, count=12_000)
    with rows.begin() as session:
        enqueue(session, Prune())
    runner.run_due()
    parts = [job.result["jobs"] for job in jobs(rows) if job.result]
    assert parts == [5000, 5000, 2000]
    assert {job.kind for job in jobs(rows)} == {Prune.kind}


def test_a_killed_worker_deletes_a_part_again_or_not_at_all(
    rows: sessionmaker[Session], runner: JobRunner, in_process: pytest.MonkeyPatch
) -> None:
    in_process.setattr(pruning.prune, "__defaults__", (100,))
    do(rows, MANY, count=250)
    with rows.begin() as session:
        enqueue(session, Prune())
    assert runner.run_killed(runner.claim(), 0)
    assert value(rows, "select count(*) from app.jobs where kind = 'mail.send'") == 250
    runner.rescue()
    runner.run_due()
    assert value(rows, "select count(*) from app.jobs where kind = 'mail.send'") == 0


def test_every_table_says_how_long_its_rows_are_kept() -> None:
    assert set(KEPT) == {table.name for table in Base.metadata.tables.values()}
    assert {rule.table for rule in PRUNED.values()} <= set(KEPT)
    named = {rule.setting for rule in PRUNED.values() if rule.setting}
    assert named == set(Retention.model_fields)
