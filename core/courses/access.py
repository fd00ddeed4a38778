"""Which courses a profile may see, and whose lessons it may read."""

from uuid import UUID

from sqlalchemy import ColumnElement, exists, false, or_, select
from sqlalchemy.orm import Session

from core.problems import NotFound
from db.models import Course, Enrollment


def may_read(profile_id: UUID | None) -> ColumnElement[bool]:
    """Whether a profile may read the lessons of the course in the query: its teacher, or an enrolled member."""
    if profile_id is None:
        return false()
    enrolled = exists().where(
        Enrollment.course_id == Course.id,
        Enrollment.profile_id == profile_id,
        Enrollment.state == "active",
    )
    return or_(Course.teacher_id == profile_id, enrolled)


def visible_course(session: Session, course_id: UUID, profile_id: UUID | None) -> tuple[Course, bool]:
    """A course, and whether `profile_id` (None for an anonymous caller) may read its lessons.

    Raises NotFound for a course that is not on sale and whose lessons they may not read.
    """
    opened = may_read(profile_id)
    statement = select(Course, opened).where(Course.id == course_id, or_(Course.state == "published", opened))
    found = session.execute(statement).one_or_none()
    if found is None:
        raise NotFound(f"There is no course {course_id}.")
    return found[0], found[1]
