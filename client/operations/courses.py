"""Generated from the OpenAPI document by scripts/client_operations.py; change the API instead."""

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from client.api.base import Model, Operation, Page


class CourseOut(Model):
    """A course, without its lessons."""

    id: UUID
    teacher_id: UUID
    title: str
    summary: str
    description: str
    price_amount: int
    currency: str
    refund_days: int
    refund_max_progress: int
    state: Literal["draft", "published", "archived"]
    published_at: datetime | None
    created_at: datetime
    updated_at: datetime


class CourseDraft(Model):
    """A new course; it is not on sale until it is published."""

    title: str
    price_amount: int
    currency: Literal["SEK", "NOK", "DKK", "EUR", "GBP", "USD"]
    summary: str = ""
    description: str = ""
    refund_days: int = 14
    refund_max_progress: int = 30


class CourseEdit(Model):
    """Changes to a course; existing orders keep their price and terms."""

    title: str | None = None
    summary: str | None = None
    description: str | None = None
    price_amount: int | None = None
    currency: Literal["SEK", "NOK", "DKK", "EUR", "GBP", "USD"] | None = None
    refund_days: int | None = None
    refund_max_progress: int | None = None


class LessonOutlineOut(Model):
    """One lesson in a course's table of contents."""

    id: UUID
    position: int
    title: str
    is_preview: bool
    open: bool
    completed: bool


class LessonOut(Model):
    """A lesson with its contents."""

    id: UUID
    course_id: UUID
    position: int
    title: str
    body: str
    video_url: str | None
    is_preview: bool
    created_at: datetime
    updated_at: datetime


class LessonDraft(Model):
    """A new lesson; without a position it is added at the end."""

    title: str
    body: str = ""
    video_url: str | None = None
    is_preview: bool = False
    position: int | None = None


class LessonEdit(Model):
    """Changes to a lesson. A new position moves the other lessons; a null `video_url` removes the video."""

    title: str | None = None
    body: str | None = None
    video_url: str | None = None
    is_preview: bool | None = None
    position: int | None = None


class OwnedCourseOut(Model):
    """A course the caller is enrolled in."""

    course: CourseOut
    granted_at: datetime
    lessons: int
    lessons_completed: int


LIST: Final[Operation[Page[CourseOut]]] = Operation("GET", "/courses", Page[CourseOut])
GET: Final[Operation[CourseOut]] = Operation("GET", "/courses/{course_id}", CourseOut)
CREATE: Final[Operation[CourseOut]] = Operation("POST", "/courses", CourseOut, keyed=True)
CHANGE: Final[Operation[CourseOut]] = Operation("PATCH", "/courses/{course_id}", CourseOut, keyed=True)
PUBLISH: Final[Operation[CourseOut]] = Operation("POST", "/courses/{course_id}/publish", CourseOut, keyed=True)
ARCHIVE: Final[Operation[CourseOut]] = Operation("POST", "/courses/{course_id}/archive", CourseOut, keyed=True)
LESSONS_LIST: Final[Operation[Page[LessonOutlineOut]]] = Operation(
    "GET", "/courses/{course_id}/lessons", Page[LessonOutlineOut]
)
LESSONS_GET: Final[Operation[LessonOut]] = Operation("GET", "/courses/{course_id}/lessons/{lesson_id}", LessonOut)
LESSONS_ADD: Final[Operation[LessonOut]] = Operation("POST", "/courses/{course_id}/lessons", LessonOut, keyed=True)
LESSONS_CHANGE: Final[Operation[LessonOut]] = Operation(
    "PATCH", "/courses/{course_id}/lessons/{lesson_id}", LessonOut, keyed=True
)
LESSONS_DELETE: Final[Operation[None]] = Operation(
    "DELETE", "/courses/{course_id}/lessons/{lesson_id}", type(None), keyed=True
)
LESSONS_COMPLETE: Final[Operation[None]] = Operation(
    "PUT", "/courses/{course_id}/lessons/{lesson_id}/completion", type(None), keyed=True
)
LESSONS_REOPEN: Final[Operation[None]] = Operation(
    "DELETE", "/courses/{course_id}/lessons/{lesson_id}/completion", type(None), keyed=True
)
ME_COURSES: Final[Operation[Page[OwnedCourseOut]]] = Operation("GET", "/me/courses", Page[OwnedCourseOut])
