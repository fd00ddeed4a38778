from uuid import UUID

from pydantic import Field

from api.schemas.base import Amount, Currency, Schema, Time
from db.models import Course, Enrollment, Lesson, OfferState


class CourseOut(Schema):
    """A course, without its lessons."""

    id: UUID
    teacher_id: UUID
    title: str
    summary: str
    description: str
    price_amount: Amount
    currency: Currency
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

    @classmethod
    def of(cls, row: tuple[Course, Enrollment]) -> "OwnedCourseOut":
        """The course as its member sees it."""
        return cls(course=CourseOut.of(row[0]), granted_at=row[1].granted_at)


class LessonOutlineOut(Schema):
    """One lesson in a course's table of contents."""

    id: UUID
    position: int
    title: str
    is_preview: bool
    open: bool = Field(description="Whether the caller may read it.")

    @classmethod
    def of(cls, row: tuple[Lesson, bool]) -> "LessonOutlineOut":
        """The entry as the caller sees it."""
        lesson, opened = row
        return cls(
            id=lesson.id,
            position=lesson.position,
            title=lesson.title,
            is_preview=lesson.is_preview,
            open=opened,
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
