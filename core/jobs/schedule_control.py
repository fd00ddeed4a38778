"""What an operator can do to schedules. Each action has a reason and is audited."""

from datetime import datetime
from uuid import NAMESPACE_OID, UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit.record import record_action
from core.audit.tags import Tag
from core.problems import Conflict, NotFound
from db.models import Schedule


class SchedulePaused(Conflict):
    """A paused schedule enqueues no job."""

    code = "schedule_paused"
    title = "This schedule is paused."


def pause_schedule(session: Session, name: str, now: datetime, *, actor_id: UUID, reason: str) -> None:
    """Enqueue no more jobs of the schedule until it is resumed. Raises NotFound."""
    _locked(session, name).paused_at = now
    _record(session, Tag.SCHEDULE_PAUSED, name, actor_id, reason)


def resume_schedule(session: Session, name: str, *, actor_id: UUID, reason: str) -> None:
    """Undo `pause_schedule`; one job makes up for all that were missed. Raises NotFound."""
    _locked(session, name).paused_at = None
    _record(session, Tag.SCHEDULE_RESUMED, name, actor_id, reason)


def run_schedule_now(session: Session, name: str, now: datetime, *, actor_id: UUID, reason: str) -> None:
    """Make the schedule due: its job is enqueued within seconds, if it has work. Raises NotFound, SchedulePaused."""
    schedule = _locked(session, name)
    if schedule.paused_at is not None:
        raise SchedulePaused(f"Resume {name!r} first.")
    schedule.next_due_at = min(schedule.next_due_at, now)
    _record(session, Tag.SCHEDULE_RUN_NOW, name, actor_id, reason)


def _locked(session: Session, name: str) -> Schedule:
    found = session.scalar(select(Schedule).where(Schedule.name == name).with_for_update())
    if found is None:
        raise NotFound(f"There is no schedule {name!r}.")
    return found


def _record(session: Session, tag: Tag, name: str, actor_id: UUID, reason: str) -> None:
    session.flush()
    subject_id = uuid5(NAMESPACE_OID, f"aula:schedule:{name}")
    record_action(session, tag, subject_id, actor_id=actor_id, reason=reason, data={"schedule": name})
