"""Chores of the relay: an error of one stops no other, and a lost connection is raised."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker
from structlog.testing import capture_logs

from core.jobs.dispatch import DispatchState
from tests.support.jobs import do, statements
from workers.chores.chore import Chore, Housekeeping, Interval
from workers.chores.tick_schedules import TickSchedules
from workers.chores.wake_lanes import WakeLanes

HIDE = "alter table app.schedules rename to hidden_schedules"
SHOW = "alter table app.hidden_schedules rename to schedules"


@dataclass
class CountedChore:
    """Counts its runs; `work` may fail."""

    work: Callable[[], None] = lambda: None
    name: str = "counted"
    interval: Interval = field(default_factory=lambda: Interval(1.0))
    runs: int = 0

    def run(self) -> None:
        self.runs += 1
        self.work()


def housekeeping(*chores: Chore) -> tuple[Housekeeping, list[float]]:
    """With a clock that the test moves."""
    clock = [0.0]
    return Housekeeping(chores, lambda: clock[0]), clock


def test_a_statement_that_fails_is_logged_and_stops_no_other_chore(sessions: sessionmaker[Session]) -> None:
    other = CountedChore()
    keeping, _ = housekeeping(TickSchedules(10.0, 0.0, sessions), other)
    do(sessions, HIDE)
    try:
        with capture_logs() as logs:
            keeping.run()
    finally:
        do(sessions, SHOW)
    assert other.runs == 1
    (failure,) = logs
    assert (failure["event"], failure["chore"]) == ("relay: chore failed", "tick schedules")
    assert failure["log_level"] == "error"
    assert failure["exc_info"]


def test_a_chore_that_failed_runs_again_at_its_next_interval(sessions: sessionmaker[Session]) -> None:
    failing = CountedChore(work=lambda: do(sessions, "select 1 / 0"))
    keeping, clock = housekeeping(failing)
    runs: list[int] = []
    with capture_logs():
        for now in (0.0, 0.5, 1.0):
            clock[0] = now
            keeping.run()
            runs.append(failing.runs)
    assert runs == [1, 1, 2]


def test_an_error_of_a_statement_outside_a_session_is_the_chores_own(sessions: sessionmaker[Session]) -> None:
    do(sessions, "alter table app.job_kinds rename to hidden_kinds")
    other = CountedChore()
    try:
        with statements(sessions) as direct, capture_logs() as logs:
            keeping, _ = housekeeping(WakeLanes(1.0, DispatchState(1, 1, 1.0), direct), other)
            keeping.run()
    finally:
        do(sessions, "alter table app.hidden_kinds rename to job_kinds")
    assert ([line["chore"] for line in logs], other.runs) == (["wake lanes"], 1)


def test_a_lost_connection_is_raised(sessions: sessionmaker[Session]) -> None:
    keeping, _ = housekeeping(CountedChore(work=lambda: do(sessions, "select pg_terminate_backend(pg_backend_pid())")))
    with pytest.raises(OperationalError):
        keeping.run()


@pytest.mark.parametrize(("limits_time", "next_at"), [(True, 10.5), (False, 1.0)])
def test_only_an_interval_that_limits_time_is_put_off_by_a_long_run(limits_time: bool, next_at: float) -> None:  # noqa: FBT001 - a parameter
    interval = Interval(1.0, limits_time=limits_time)
    assert interval.due(0.0)
    interval.took(0.5, 0.5)
    assert interval.next_at == next_at
