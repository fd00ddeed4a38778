"""Read lessons: the outline is public, the contents are for members."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from core.courses.access import visible_course
from core.paging import PageRequest, Slice, cut
from core.problems import Forbidden, NotFound, Unauthorized
from db.models import Lesson, LessonCompletion


class LessonLocked(Forbidden):
    """The lesson is for enrolled members."""

    code = "lesson_locked"
    title = "This lesson is for members of the course."


@dataclass(frozen=True, slots=True)
class OutlinedLesson:
    """A lesson, whether its reader may read it, and whether they have completed it."""

    lesson: Lesson
    opened: bool
    completed: bool


def outline(
    session: Session, course_id: UUID, reader_id: UUID | None, page: PageRequest[int]
) -> Slice[OutlinedLesson, int]:
    """The course's lessons in order, each with what it is to `reader_id`. Raises NotFound."""
    _, opened = visible_course(session, course_id, reader_id)
    mark = (LessonCompletion.lesson_id == Lesson.id) & (LessonCompletion.profile_id == reader_id)
    statement = select(Lesson, exists().where(mark).label("completed"))
    statement = statement.where(Lesson.course_id == course_id, Lesson.position > (page.after or 0))
    found = session.execute(statement.order_by(Lesson.position).limit(page.fetch))
    rows = [OutlinedLesson(lesson, opened or lesson.is_preview, completed) for lesson, completed in found]
    return cut(rows, page, lambda row: row.lesson.position)


def read(session: Session, course_id: UUID, lesson_id: UUID, reader_id: UUID | None) -> Lesson:
    """A lesson with its contents. Raises NotFound, Unauthorized without a reader, LessonLocked."""
    _, opened = visible_course(session, course_id, reader_id)
    lesson = session.scalar(select(Lesson).where(Lesson.id == lesson_id, Lesson.course_id == course_id))
    if lesson is None:
        raise NotFound(f"The course has no lesson {lesson_id}.")
    if opened or lesson.is_preview:
        return lesson
    if reader_id is None:
        raise Unauthorized("Sign in to read this lesson.")
    raise LessonLocked("Buy the course to read this lesson.")
