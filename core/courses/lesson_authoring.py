"""Write lessons. Positions run from 1 without gaps; the course's row is locked while they change."""

from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.courses.inputs import LessonDraft, LessonEdit
from core.offers.authoring import own_offer
from core.problems import Conflict, NotFound
from db.models import Course, Lesson

MAX_LESSONS = 500


class CourseFull(Conflict):
    """The course has as many lessons as are allowed."""

    code = "course_full"
    title = "The course has too many lessons."


def add(session: Session, teacher_id: UUID, course_id: UUID, draft: LessonDraft) -> Lesson:
    """Add a lesson to the teacher's own course. Raises NotFound, CourseFull."""
    count = _count(session, own_offer(session, Course, course_id, teacher_id))
    if count >= MAX_LESSONS:
        raise CourseFull(f"A course has at most {MAX_LESSONS} lessons.")
    position = min(draft.position or count + 1, count + 1)
    _shift(session, course_id, position, count, by=1)
    lesson = Lesson(course_id=course_id, **{**draft.model_dump(), "position": position})
    session.add(lesson)
    session.flush()
    record(session, Tag.LESSON_ADDED, lesson.id, actor_id=teacher_id, data={"course_id": course_id})
    return lesson


def edit(session: Session, teacher_id: UUID, course_id: UUID, lesson_id: UUID, edited: LessonEdit) -> Lesson:
    """Change a lesson of the teacher's own course. Raises NotFound."""
    course = own_offer(session, Course, course_id, teacher_id)
    lesson = _lesson(session, course_id, lesson_id)
    changes = edited.changes()
    if "position" in changes:
        _move(session, lesson, min(changes.pop("position"), _count(session, course)))
    for name, value in changes.items():
        setattr(lesson, name, value)
    session.flush()
    record(session, Tag.LESSON_CHANGED, lesson_id, actor_id=teacher_id, data={"fields": sorted(edited.changes())})
    return lesson


def delete(session: Session, teacher_id: UUID, course_id: UUID, lesson_id: UUID) -> None:
    """Delete a lesson of the teacher's own course. Raises NotFound."""
    course = own_offer(session, Course, course_id, teacher_id)
    lesson = _lesson(session, course_id, lesson_id)
    count = _count(session, course)
    session.delete(lesson)
    session.flush()
    _shift(session, course_id, lesson.position + 1, count, by=-1)
    record(session, Tag.LESSON_DELETED, lesson_id, actor_id=teacher_id, data={"course_id": course_id})


def _lesson(session: Session, course_id: UUID, lesson_id: UUID) -> Lesson:
    found = session.scalar(select(Lesson).where(Lesson.id == lesson_id, Lesson.course_id == course_id))
    if found is None:
        raise NotFound(f"The course has no lesson {lesson_id}.")
    return found


def _count(session: Session, course: Course) -> int:
    return session.scalar(select(func.count()).where(Lesson.course_id == course.id)) or 0


def _shift(session: Session, course_id: UUID, first: int, last: int, *, by: int) -> None:
    # The unique constraint is checked at the end of the statement, so a whole range can move at once.
    statement = update(Lesson).where(Lesson.course_id == course_id, Lesson.position.between(first, last))
    session.execute(statement.values(position=Lesson.position + by))


def _move(session: Session, lesson: Lesson, target: int) -> None:
    # First move the lesson to a free position; a constraint forbids 0, so one above the maximum is used.
    current, lesson.position = lesson.position, MAX_LESSONS + 1
    session.flush()
    if target > current:
        _shift(session, lesson.course_id, current + 1, target, by=-1)
    else:
        _shift(session, lesson.course_id, target, current - 1, by=1)
    lesson.position = target
    session.flush()
