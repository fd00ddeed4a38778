"""Beat: it ticks, and no error of the database ends it."""

from collections.abc import Generator
from contextlib import closing

import pytest
from sqlalchemy.orm import Session, sessionmaker
from structlog.testing import capture_logs

from core.settings import Settings
from tests.support.jobs import do, states
from workers.app import make_app
from workers.beat import MAX_WAIT_SECONDS, TICK_SECONDS, JobScheduler

UNREACHABLE = "postgresql+psycopg://app@127.0.0.1:1/aula"
DUE = "update app.schedules set next_due_at = now() - interval '1 second' where name = 'maintenance-check'"


@pytest.fixture
def address(database_url: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The database that a new scheduler connects to."""
    current = [database_url]
    monkeypatch.setattr("workers.beat.settings", lambda: Settings(env="test", database_url=current[0]))
    return current


@pytest.fixture
def scheduler(address: list[str]) -> Generator[JobScheduler]:
    assert address
    with closing(JobScheduler(make_app())) as scheduler:
        yield scheduler


def test_a_schedule_that_is_due_is_enqueued(scheduler: JobScheduler, sessions: sessionmaker[Session]) -> None:
    do(sessions, DUE)
    assert scheduler.tick() == TICK_SECONDS
    assert states(sessions, "maintenance.check") == ["pending"]


def test_after_errors_beat_waits_longer_and_goes_on(scheduler: JobScheduler, sessions: sessionmaker[Session]) -> None:
    do(sessions, DUE)
    # A missing table is no OperationalError.
    do(sessions, "alter table app.schedules rename to hidden_schedules")
    try:
        assert [scheduler.tick() for _ in range(4)] == [2.0, 4.0, MAX_WAIT_SECONDS, MAX_WAIT_SECONDS]
    finally:
        do(sessions, "alter table app.hidden_schedules rename to schedules")
    assert scheduler.tick() == TICK_SECONDS
    assert states(sessions, "maintenance.check") == ["pending"]


def test_a_fault_of_ours_does_not_end_beat(scheduler: JobScheduler, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_session: Session) -> None:
        raise KeyError("a bug")

    monkeypatch.setattr("workers.beat.tick", fail)
    with capture_logs() as logs:
        assert scheduler.tick() == 2 * TICK_SECONDS
    assert [(line["event"], line["log_level"]) for line in logs] == [("beat: error", "error")]
    monkeypatch.undo()
    assert scheduler.tick() == TICK_SECONDS


def test_beat_starts_without_a_database(address: list[str]) -> None:
    address[0] = UNREACHABLE
    with closing(JobScheduler(make_app())) as scheduler:
        assert scheduler.tick() == 2 * TICK_SECONDS
