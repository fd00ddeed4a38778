"""Create, change and publish seminars. Another teacher's seminar is answered as not found."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.formats import TIME_ZONE
from core.offers.prices import check_price
from core.offers.seats import ANNOUNCED, lock_seminar
from core.problems import NotFound
from core.seminars.inputs import SeminarDraft, SeminarEdit, SeriesDraft, check_times
from core.seminars.notices import tell_all
from core.seminars.problems import CapacityTooSmall, SeminarStateConflict, TimesNotAllowed
from db.models import Course, Seminar

_ZONE: Final = ZoneInfo(TIME_ZONE)


def create(session: Session, teacher_id: UUID, draft: SeminarDraft, now: datetime) -> Seminar:
    """Create a seminar; it is not announced yet. Raises PriceNotAllowed, TimesNotAllowed, NotFound."""
    return _create(session, teacher_id, draft, now, None, 0)


def create_series(session: Session, teacher_id: UUID, draft: SeriesDraft, now: datetime) -> Sequence[Seminar]:
    """Create a seminar for each week of a series. Raises PriceNotAllowed, TimesNotAllowed, NotFound."""
    series_id = uuid4()
    return [_create(session, teacher_id, draft, now, series_id, week) for week in range(draft.count)]


def own_seminar(session: Session, seminar_id: UUID, teacher_id: UUID) -> Seminar:
    """The teacher's own seminar, locked for a change. Raises NotFound."""
    found = lock_seminar(session, seminar_id)
    if found.teacher_id != teacher_id:
        raise NotFound(f"You have no seminar {seminar_id}.")
    return found


def edit(session: Session, teacher_id: UUID, seminar_id: UUID, edited: SeminarEdit, now: datetime) -> Seminar:
    """Change the teacher's own seminar, and tell those with a seat of another time.

    Raises NotFound, SeminarStateConflict, PriceNotAllowed, TimesNotAllowed or CapacityTooSmall.
    """
    seminar, changes = own_seminar(session, seminar_id, teacher_id), edited.changes()
    _refuse_ended(seminar)
    if changes.get("course_id"):
        _check_course(session, teacher_id, changes["course_id"])
    if "capacity" in changes and changes["capacity"] < seminar.seats_taken:
        raise CapacityTooSmall(f"{seminar.seats_taken} seats are taken; give at least as many.", field="capacity")
    before = (seminar.starts_at, seminar.ends_at)
    for name, value in changes.items():
        setattr(seminar, name, value)
    check_price(seminar.price_amount, seminar.currency)
    if before != (seminar.starts_at, seminar.ends_at):
        _check_new_times(seminar, now)
        if seminar.state == "provisioned":
            # The room is made again before the new time.
            seminar.state = "published"
    session.flush()
    if before != (seminar.starts_at, seminar.ends_at) and seminar.state in ANNOUNCED:
        tell_all(session, seminar, "seminar_moved", f"moved:{seminar.id}:{seminar.starts_at.isoformat()}")
    data = {"fields": sorted(changes)}
    record(session, Tag.SEMINAR_CHANGED, seminar.id, actor_id=teacher_id, data=data)
    return seminar


def publish(session: Session, teacher_id: UUID, seminar_id: UUID, now: datetime) -> Seminar:
    """Announce the teacher's own seminar; again changes nothing.

    Raises NotFound, SeminarStateConflict, PriceNotAllowed, TimesNotAllowed.
    """
    seminar = own_seminar(session, seminar_id, teacher_id)
    if seminar.state in ANNOUNCED:
        return seminar
    _refuse_ended(seminar)
    _refuse_past(seminar.starts_at, now)
    check_price(seminar.price_amount, seminar.currency)
    seminar.state, seminar.published_at = "published", now
    session.flush()
    record(session, Tag.SEMINAR_PUBLISHED, seminar.id, actor_id=teacher_id)
    return seminar


def _create(
    session: Session, teacher_id: UUID, draft: SeminarDraft, now: datetime, series_id: UUID | None, week: int
) -> Seminar:
    check_price(draft.price_amount, draft.currency)
    _refuse_past(draft.starts_at, now)
    if draft.course_id:
        _check_course(session, teacher_id, draft.course_id)
    values = draft.model_dump(exclude={"count"})
    for name in ("starts_at", "ends_at"):
        values[name] = weeks_later(values[name], week)
    seminar = Seminar(teacher_id=teacher_id, series_id=series_id, **values)
    session.add(seminar)
    session.flush()
    record(session, Tag.SEMINAR_CREATED, seminar.id, actor_id=teacher_id)
    return seminar


def weeks_later(at: datetime, weeks: int) -> datetime:
    """The same time of day in Stockholm some weeks later, also across a change of its clocks."""
    return at.astimezone(_ZONE) + timedelta(weeks=weeks)


def _check_course(session: Session, teacher_id: UUID, course_id: UUID) -> None:
    own = select(Course.id).where(Course.id == course_id, Course.teacher_id == teacher_id)
    if session.scalar(own) is None:
        raise NotFound(f"You have no course {course_id}.")


def _check_new_times(seminar: Seminar, now: datetime) -> None:
    if seminar.state == "open":
        raise SeminarStateConflict("The seminar has begun; its time cannot be changed.", field="starts_at")
    _refuse_past(seminar.starts_at, now)
    try:
        check_times(seminar.starts_at, seminar.ends_at)
    except ValueError as error:
        raise TimesNotAllowed(f"{error}.", field="ends_at") from None


def _refuse_past(starts_at: datetime, now: datetime) -> None:
    if starts_at <= now:
        raise TimesNotAllowed("starts_at must be in the future.", field="starts_at")


def _refuse_ended(seminar: Seminar) -> None:
    if seminar.state in {"closed", "cancelled"}:
        raise SeminarStateConflict(f"The seminar is {seminar.state}.")
