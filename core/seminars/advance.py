"""Take the steps that are due for seminars: open doors, remind, and enqueue what calls the server of rooms."""

from datetime import datetime
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.findings.kinds import Kind
from core.findings.open import NewFinding, open_findings
from core.jobs.enqueue import NewJob, enqueue
from core.messages import CloseRoom, ProvisionRoom, ReadRoom
from core.offers.seats import ANNOUNCED
from core.seminars.notices import tell_all
from core.seminars.rooms import is_live, open_doors
from core.seminars.steps import DAY, Step, due
from db.models import Seminar

# In one job; the rest is found by the next one, a minute later.
MAX_SEMINARS: Final = 500


def advance(session: Session, now: datetime) -> int:
    """Take what is due, and return for how many seminars."""
    coming = Seminar.state.in_(ANNOUNCED) & (Seminar.starts_at <= now + DAY)
    called_off = (Seminar.state == "cancelled") & Seminar.closed_at.is_(None)
    wanted = select(Seminar).where(or_(coming, called_off)).order_by(Seminar.id).limit(MAX_SEMINARS)
    steps = [(seminar, due(seminar, now)) for seminar in session.scalars(wanted.with_for_update(key_share=True))]
    for seminar, taken in steps:
        if is_live(seminar):
            # What LiveKit did not tell of is found within a minute.
            enqueue(session, NewJob(message=ReadRoom(seminar_id=seminar.id), dedupe_key=f"read:{seminar.id}"))
        for step in sorted(taken, key=lambda one: one.value):
            _take(session, seminar, step, now)
    session.flush()
    return sum(bool(taken) for _, taken in steps)


def _take(session: Session, seminar: Seminar, step: Step, now: datetime) -> None:
    match step:
        case Step.PROVISION:
            enqueue(session, NewJob(message=ProvisionRoom(seminar_id=seminar.id), dedupe_key=f"room:{seminar.id}"))
        case Step.WARN:
            open_findings(session, [NewFinding(Kind.ROOM_MISSING, seminar.id)])
        case Step.OPEN:
            open_doors(session, seminar, now)
        case Step.REMIND_DAY:
            seminar.reminded_day = seminar.starts_at
            _remind(session, seminar, "seminar_tomorrow")
        case Step.REMIND_HOUR:
            seminar.reminded_hour = seminar.starts_at
            _remind(session, seminar, "seminar_soon")
        case Step.CLOSE:
            enqueue(session, NewJob(message=CloseRoom(seminar_id=seminar.id), dedupe_key=f"close:{seminar.id}"))


def _remind(session: Session, seminar: Seminar, template: str) -> None:
    tell_all(session, seminar, template, f"{template}:{seminar.id}:{seminar.starts_at.isoformat()}", ("confirmed",))
