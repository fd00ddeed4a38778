"""Schedules, as an operator looks at them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from core.problems import NotFound
from db.models import JobState
from db.queries import query


@dataclass(frozen=True, slots=True)
class ScheduleView:
    """One schedule: its interval, its last job and when the next one is due."""

    name: str
    kind: str
    every_seconds: int
    next_due_at: datetime
    paused_at: datetime | None
    last_job_id: UUID | None
    last_at: datetime | None
    last_state: JobState | None


def schedules(session: Session) -> Sequence[ScheduleView]:
    """Every schedule, by name."""
    return [ScheduleView(**row) for row in session.execute(query("console/schedules")).mappings()]


def schedule_view(session: Session, name: str) -> ScheduleView:
    """One schedule. Raises NotFound."""
    for found in schedules(session):
        if found.name == name:
            return found
    raise NotFound(f"There is no schedule {name!r}.")
