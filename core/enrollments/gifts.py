"""Courses that are given: by their teacher or an operator, to an e-mail address.

The caller cannot see whether an account has the address: a gift is stored either way, and `enrollments.grant_gifts`
grants it as soon as there is one.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.identity import Identity
from core.jobs.enqueue import enqueue
from core.messages import GrantGifts
from core.paging import Newest, PageRequest, Slice, cut, newest_first
from core.problems import Conflict, NotFound
from db.models import Course, Enrollment, Gift

# Gifts of one course that are not withdrawn.
MAX_GIFTS: Final = 1000


class GiftLimit(Conflict):
    """The course has as many gifts as are allowed."""

    code = "gift_limit"


def give(session: Session, giver: Identity, course_id: UUID, email: str) -> Gift:
    """Give the course to a normalised address; the gift that is there already, if any. Raises NotFound, GiftLimit."""
    _lock_course(session, giver, course_id)
    live = select(Gift).where(Gift.course_id == course_id, Gift.withdrawn_at.is_(None))
    if found := session.scalar(live.where(Gift.email == email)):
        return found
    if (session.scalar(select(func.count()).select_from(live.subquery())) or 0) >= MAX_GIFTS:
        raise GiftLimit(f"The course has {MAX_GIFTS} gifts; withdraw one to give it again.")
    gift = Gift(course_id=course_id, email=email, given_by=giver.profile_id)
    session.add(gift)
    session.flush()
    session.refresh(gift)
    record(session, Tag.GIFT_GIVEN, gift.id, actor_id=giver.profile_id, data={"course_id": str(course_id)})
    enqueue(session, GrantGifts())
    return gift


def list_gifts(session: Session, caller: Identity, course_id: UUID, page: PageRequest[Newest]) -> Slice[Gift, Newest]:
    """The course's gifts that are not withdrawn, newest first. Raises NotFound."""
    if session.scalar(select(Course.id).where(_may_give(caller, course_id))) is None:
        raise NotFound(f"You have no course {course_id}.")
    statement = select(Gift).where(Gift.course_id == course_id, Gift.withdrawn_at.is_(None))
    rows = session.scalars(newest_first(statement, Gift.created_at, Gift.id, page)).all()
    return cut(rows, page, lambda gift: (gift.created_at, gift.id))


def withdraw(session: Session, caller: Identity, course_id: UUID, gift_id: UUID, now: datetime) -> None:
    """Withdraw a gift and revoke what it gave; again changes nothing. Raises NotFound."""
    _lock_course(session, caller, course_id)
    wanted = select(Gift).where(Gift.id == gift_id, Gift.course_id == course_id).with_for_update()
    gift = session.scalar(wanted)
    if gift is None:
        raise NotFound(f"The course has no gift {gift_id}.")
    if gift.withdrawn_at is not None:
        return
    gift.withdrawn_at, gift.withdrawn_by = now, caller.profile_id
    session.flush()
    record(session, Tag.GIFT_WITHDRAWN, gift.id, actor_id=caller.profile_id, data={"course_id": str(course_id)})
    revoked = session.scalar(
        update(Enrollment)
        .where(Enrollment.gift_id == gift_id, Enrollment.state == "active")
        .values(state="revoked", revoked_at=now)
        .returning(Enrollment.id)
    )
    if revoked:
        data = {"course_id": str(course_id), "gift_id": str(gift_id)}
        record(session, Tag.ENROLLMENT_REVOKED, revoked, actor_id=caller.profile_id, data=data)


def _may_give(caller: Identity, course_id: UUID) -> ColumnElement[bool]:
    of_course = Course.id == course_id
    return of_course if caller.is_operator else of_course & (Course.teacher_id == caller.profile_id)


def _lock_course(session: Session, caller: Identity, course_id: UUID) -> None:
    """Make the changes of one course's gifts serial; enrollments in it go on. Raises NotFound."""
    wanted = select(Course.id).where(_may_give(caller, course_id)).with_for_update(key_share=True)
    if session.scalar(wanted) is None:
        raise NotFound(f"You have no course {course_id}.")
