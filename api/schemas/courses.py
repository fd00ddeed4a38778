from uuid import UUID

from pydantic import Field

from api.schemas.base import Amount, Currency, Schema, Time
from core.courses.lessons import OutlinedLesson
from core.courses.queries import OwnedCourse
from core.offers.inputs import RefundDays, RefundMaxProgress
from db.models import Course, Lesson, OfferState


class CourseOut(Schema):
    """A course, without its lessons."""

    id: UUID
    teacher_id: UUID
    title: str
    summary: str
    description: str
    price_amount: Amount
    currency: Currency
    refund_days: RefundDays
    refund_max_progress: RefundMaxProgress
    state: OfferState
    published_at: Time | None
    created_at: Time
    updated_at: Time

    @classmethod
    def of(cls, course: Course) -> "CourseOut":
        """The course as a client sees it."""
        return cls.model_validate(course)


class OwnedCourseOut(Schema):
    """A course the caller is enrolled in."""

    course: CourseOut
    granted_at: Time
    lessons: int = Field(description="The lessons of the course.")
    lessons_completed: int = Field(description="Those that the caller has completed.")

    @classmethod
    def of(cls, owned: OwnedCourse) -> "OwnedCourseOut":
        """The course as its member sees it."""
        return cls(
            course=CourseOut.of(owned.course),
            granted_at=owned.enrollment.granted_at,
            lessons=owned.progress.lessons,
            lessons_completed=owned.progress.completed,
        )


class LessonOutlineOut(Schema):
    """One lesson in a course's table of contents."""

    id: UUID
    position: int
    title: str
    is_preview: bool
    open: bool = Field(description="Whether the caller may read it.")
    completed: bool = Field(description="Whether the caller has completed it.")

    @classmethod
    def of(cls, row: OutlinedLesson) -> "LessonOutlineOut":
        """The entry as the caller sees it."""
        lesson = row.lesson
        return cls(
            id=lesson.id,
            position=lesson.position,
            title=lesson.title,
            is_preview=lesson.is_preview,
            open=row.opened,
            completed=row.completed,
        )


class LessonOut(Schema):
    """A lesson with its contents."""

    id: UUID
    course_id: UUID
    position: int
    title: str
    body: str
    video_url: str | None
    is_preview: bool
    created_at: Time
    updated_at: Time

    @classmethod
    def of(cls, lesson: Lesson) -> "LessonOut":
        """The lesson as a reader sees it."""
        return cls.model_validate(lesson)
