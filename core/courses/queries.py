from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from core.offers.progress import Progress, progress_of
from core.paging import Newest, PageRequest, Slice, cut, newest_first
from db.models import Course, Enrollment


@dataclass(frozen=True, slots=True)
class OwnedCourse:
    """A course that a member is enrolled in."""

    course: Course
    enrollment: Enrollment
    progress: Progress


def published_courses(session: Session, page: PageRequest[Newest]) -> Slice[Course, Newest]:
    """Courses on sale, the newest publication first."""
    statement = select(Course).where(Course.state == "published")
    rows = session.scalars(newest_first(statement, Course.published_at, Course.id, page)).all()
    return cut(rows, page, lambda course: (course.published_at or course.created_at, course.id))


def teacher_courses(session: Session, teacher_id: UUID, page: PageRequest[Newest]) -> Slice[Course, Newest]:
    """A teacher's own courses in every state, newest first."""
    statement = select(Course).where(Course.teacher_id == teacher_id)
    rows = session.scalars(newest_first(statement, Course.created_at, Course.id, page)).all()
    return cut(rows, page, lambda course: (course.created_at, course.id))


def enrolled_courses(session: Session, member_id: UUID, page: PageRequest[Newest]) -> Slice[OwnedCourse, Newest]:
    """The courses a member is enrolled in, the newest first, each by its oldest live source, with the progress."""
    older = aliased(Enrollment)
    has_older = exists().where(
        older.profile_id == member_id,
        older.course_id == Enrollment.course_id,
        older.state == "active",
        older.id < Enrollment.id,
    )
    statement = (
        select(Course, Enrollment)
        .join(Enrollment, Enrollment.course_id == Course.id)
        .where(Enrollment.profile_id == member_id, Enrollment.state == "active", ~has_older)
    )
    found = session.execute(newest_first(statement, Enrollment.granted_at, Enrollment.id, page)).all()
    progress = progress_of(session, member_id, [row[0].id for row in found])
    rows = [OwnedCourse(row[0], row[1], progress.get(row[0].id, Progress())) for row in found]
    return cut(rows, page, lambda row: (row.enrollment.granted_at, row.enrollment.id))
