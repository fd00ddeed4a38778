"""What a learner marks as completed."""

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.courses.lessons import read
from db.models import LessonCompletion


def complete(session: Session, course_id: UUID, lesson_id: UUID, learner_id: UUID) -> None:
    """Mark a lesson that the learner may read as completed; again changes nothing. Raises NotFound, LessonLocked."""
    read(session, course_id, lesson_id, learner_id)
    row = insert(LessonCompletion).values(profile_id=learner_id, lesson_id=lesson_id)
    session.execute(row.on_conflict_do_nothing())


def undo(session: Session, course_id: UUID, lesson_id: UUID, learner_id: UUID) -> None:
    """Take the mark away; without one nothing changes. Raises NotFound, LessonLocked."""
    read(session, course_id, lesson_id, learner_id)
    own = (LessonCompletion.profile_id == learner_id) & (LessonCompletion.lesson_id == lesson_id)
    session.execute(delete(LessonCompletion).where(own))
