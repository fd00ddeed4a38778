"""Tick the schedules while no beat does."""

from sqlalchemy.orm import Session, sessionmaker

from core.jobs.schedules import tick
from workers.chores.chore import Interval


class TickSchedules:
    """A tick is unique by schedule and due time, so it does no harm beside a beat. `first_at` is its first time."""

    name = "tick schedules"

    def __init__(self, seconds: float, first_at: float, sessions: sessionmaker[Session]) -> None:
        self.interval = Interval(seconds, first_at)
        self._sessions = sessions

    def run(self) -> None:
        """Enqueue what is due."""
        with self._sessions.begin() as session:
            tick(session)
