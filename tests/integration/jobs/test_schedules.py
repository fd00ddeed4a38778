"""Ticks are unique, missed ones are made up for once; pruning keeps dead, unfinished and recent jobs."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from core.ids import first_id_at
from core.jobs.schedules import SCHEDULES, install, tick
from core.maintenance.prune import prune_rows
from core.messages import MESSAGES, SealAudit
from core.retention import Retention
from tests.support.jobs import do, jobs, value

DUE = "update app.schedules set next_due_at = now() - interval '1 second' where name = 'audit-seal'"


UNSEALED = "insert into app.audit_events (tag, subject_id) values ('orders:order:placed', gen_random_uuid())"
UNREPORTED = "insert into app.findings (kind, subject_id) values ('second_payment', gen_random_uuid())"
LIMITS = "select max_running || ',' || coalesce(max_per_key, 0) from app.job_kinds where kind = 'audit.seal'"


@pytest.fixture(autouse=True)
def unsealed_entry(sessions: sessionmaker[Session]) -> None:
    """There is something to seal."""
    do(sessions, UNSEALED)


def ticked(sessions: sessionmaker[Session]) -> Sequence[str]:
    with sessions.begin() as session:
        return tick(session)


def test_a_schedule_that_is_not_due_does_not_tick(sessions: sessionmaker[Session]) -> None:
    assert ticked(sessions) == []


def test_a_schedule_that_is_due_becomes_a_job_once(sessions: sessionmaker[Session]) -> None:
    do(sessions, DUE)
    assert ticked(sessions) == [SealAudit.kind]
    assert ticked(sessions) == []
    (row,) = jobs(sessions)
    assert (row.kind, row.schedule, row.due_at is not None) == (SealAudit.kind, "audit-seal", True)
    assert SealAudit.read(row.payload) == SealAudit()


@pytest.mark.parametrize(
    ("name", "kind", "work"),
    [("audit-seal", "audit.seal", UNSEALED), ("findings-report", "findings.report", UNREPORTED)],
)
def test_a_schedule_without_work_becomes_due_again_without_a_job(
    sessions: sessionmaker[Session], name: str, kind: str, work: str
) -> None:
    due = "update app.schedules set next_due_at = now() - interval '1 second' where name = :name"
    do(sessions, "update app.audit_events set seq = 1, hash = decode(repeat('00', 32), 'hex'), sealed_at = now()")
    do(sessions, due, name=name)
    assert ticked(sessions) == []
    assert jobs(sessions) == []
    assert value(sessions, "select next_due_at > now() from app.schedules where name = :name", name=name) is True
    do(sessions, work)
    do(sessions, due, name=name)
    assert ticked(sessions) == [kind]


def test_a_schedule_without_work_does_not_hold_up_another(sessions: sessionmaker[Session]) -> None:
    do(
        sessions,
        "update app.schedules set next_due_at = now() - interval '1 second' where name like any (:names)",
        names=["findings-report", "orders-expire", "audit-seal"],
    )
    assert sorted(ticked(sessions)) == ["audit.seal", "orders.expire"]


def test_a_schedule_of_another_release_does_not_tick(sessions: sessionmaker[Session]) -> None:
    schedule = "insert into app.schedules (name, kind, every) values ('retired', 'audit.seal', '1 hour')"
    do(sessions, schedule)
    try:
        assert ticked(sessions) == []
    finally:
        do(sessions, "delete from app.schedules where name = 'retired'")


def test_concurrent_beats_give_one_tick(sessions: sessionmaker[Session]) -> None:
    do(sessions, DUE)
    barrier = Barrier(4)

    def beat(_: int) -> Sequence[str]:
        barrier.wait(10)
        return ticked(sessions)

    with ThreadPoolExecutor(4) as pool:
        kinds = [kind for found in pool.map(beat, range(4)) for kind in found]
    assert kinds == [SealAudit.kind]
    assert len(jobs(sessions)) == 1


def test_a_tick_skips_a_schedule_that_another_beat_has_locked(sessions: sessionmaker[Session]) -> None:
    do(sessions, DUE)
    with sessions.begin() as one:
        assert tick(one) == [SealAudit.kind]
        assert ticked(sessions) == []


def test_missed_ticks_are_made_up_for_once_and_the_interval_is_kept(sessions: sessionmaker[Session]) -> None:
    do(
        sessions,
        "update app.schedules set next_due_at = now() - interval '3600.5 seconds' where name = 'audit-seal'",
    )
    assert ticked(sessions) == [SealAudit.kind]
    due = "select extract(epoch from next_due_at - now()) from app.schedules where name = 'audit-seal'"
    # Two seconds apart, the last of them half a second ago.
    assert 1 < float(str(value(sessions, due))) <= 1.5
    assert len(jobs(sessions)) == 1


def test_an_unfinished_tick_replaces_the_next_one(sessions: sessionmaker[Session]) -> None:
    do(sessions, DUE)
    ticked(sessions)
    do(sessions, DUE)
    assert ticked(sessions) == []
    do(sessions, "update app.jobs set state = 'succeeded', finished_at = now()")
    do(sessions, DUE)
    assert ticked(sessions) == [SealAudit.kind]


def test_a_paused_schedule_does_not_tick(sessions: sessionmaker[Session]) -> None:
    do(sessions, DUE)
    do(sessions, "update app.schedules set paused_at = now() where name = 'audit-seal'")
    assert ticked(sessions) == []
    do(sessions, "update app.schedules set paused_at = null")
    assert ticked(sessions) == [SealAudit.kind]


def test_installing_again_changes_nothing(sessions: sessionmaker[Session]) -> None:
    rows = "select md5(string_agg(s::text, ',' order by name)) from app.schedules s"
    kinds = "select md5(string_agg(k::text, ',' order by kind)) from app.job_kinds k"
    before = value(sessions, rows), value(sessions, kinds)
    with sessions.begin() as session:
        install(session)
    assert (value(sessions, rows), value(sessions, kinds)) == before


def test_the_limits_of_a_kind_stay_as_an_operator_has_set_them(sessions: sessionmaker[Session]) -> None:
    do(sessions, "update app.job_kinds set max_running = 3, max_per_key = 2 where kind = 'audit.seal'")
    try:
        with sessions.begin() as session:
            install(session)
        assert value(sessions, LIMITS) == "3,2"
    finally:
        do(sessions, "update app.job_kinds set max_running = 1, max_per_key = null where kind = 'audit.seal'")


def test_a_new_kind_has_the_limit_of_its_release(sessions: sessionmaker[Session]) -> None:
    do(sessions, "delete from app.job_kinds where kind = 'audit.seal'")
    with sessions.begin() as session:
        install(session)
    assert value(sessions, LIMITS) == "1,0"


def test_all_kinds_and_schedules_of_the_release_are_installed(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        kinds = set(session.scalars(text("select kind from app.job_kinds")))
        names = set(session.scalars(text("select name from app.schedules")))
    assert set(MESSAGES) <= kinds
    assert names == {schedule.name for schedule in SCHEDULES}


OLD = timedelta(days=15)
INSERT = """
insert into app.jobs (id, kind, state, finished_at, lease_until)
values (:id, 'mail.send', :state, :finished, case when :state = 'dispatched' then now() end)
"""


@pytest.mark.parametrize(
    ("state", "made", "finished", "stays"),
    [
        ("succeeded", OLD, OLD, False),
        ("cancelled", OLD, OLD, False),
        ("dead", OLD, OLD, True),
        ("pending", OLD, None, True),
        ("dispatched", OLD, None, True),
        ("succeeded", OLD, timedelta(days=1), True),
        ("succeeded", timedelta(days=1), timedelta(days=1), True),
    ],
)
def test_pruning_keeps_dead_unfinished_and_recent_jobs(
    sessions: sessionmaker[Session],
    state: str,
    made: timedelta,
    finished: timedelta | None,
    stays: bool,  # noqa: FBT001 - a parameter
) -> None:
    now = datetime.now(UTC)
    do(sessions, INSERT, id=first_id_at(now - made), state=state, finished=now - finished if finished else None)
    with sessions.begin() as session:
        assert prune_rows(session, "jobs", now, Retention()) == (0 if stays else 1)
    assert bool(jobs(sessions)) is stays


def test_pruning_deletes_dead_ticks_of_a_schedule(sessions: sessionmaker[Session]) -> None:
    now = datetime.now(UTC)
    do(sessions, INSERT, id=first_id_at(now - OLD), state="dead", finished=now - OLD)
    do(sessions, "update app.jobs set schedule = 'audit-seal', due_at = now()")
    with sessions.begin() as session:
        assert prune_rows(session, "jobs", now, Retention()) == 1


def test_pruning_deletes_up_to_its_quota_with_the_attempts_of_the_jobs(sessions: sessionmaker[Session]) -> None:
    now = datetime.now(UTC)
    for minute in range(3):
        at = now - OLD + timedelta(minutes=minute)
        do(sessions, INSERT, id=first_id_at(at), state="succeeded", finished=at)
    do(sessions, "insert into app.job_attempts (job_id, lease_version, error) select id, 1, 'x' from app.jobs")
    with sessions.begin() as session:
        assert prune_rows(session, "jobs", now, Retention(), 2) == 2
    assert len(jobs(sessions)) == 1
    assert value(sessions, "select count(*) from app.job_attempts") == 1
