"""How much of a course a learner has completed, by what the learner has marked."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from db.models import Lesson, LessonCompletion


@dataclass(frozen=True, slots=True)
class Progress:
    """The lessons of a course now, and those of them that the learner has completed."""

    lessons: int = 0
    completed: int = 0

    @property
    def percent(self) -> int:
        """Whole percent, rounded down; 0 for a course without lessons."""
        return self.completed * 100 // self.lessons if self.lessons else 0


def progress_of(session: Session, learner_id: UUID, course_ids: Collection[UUID]) -> Mapping[UUID, Progress]:
    """The learner's progress in each of these courses that has a lesson."""
    own = and_(LessonCompletion.lesson_id == Lesson.id, LessonCompletion.profile_id == learner_id)
    rows = session.execute(
        select(Lesson.course_id, func.count(), func.count(LessonCompletion.lesson_id))
        .outerjoin(LessonCompletion, own)
        .where(Lesson.course_id.in_(course_ids))
        .group_by(Lesson.course_id)
    )
    return {course_id: Progress(lessons, completed) for course_id, lessons, completed in rows}
