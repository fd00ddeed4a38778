"""The inputs of courses and lessons."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from core.inputs import Edit, Input, unchanged
from core.offers.inputs import (
    REFUND_DAYS,
    REFUND_MAX_PROGRESS,
    Currency,
    Description,
    PriceAmount,
    RefundDays,
    RefundMaxProgress,
    Title,
)
from core.text import Line, Prose

Summary = Annotated[Prose, Field(max_length=500)]
LessonBody = Annotated[Prose, Field(max_length=50_000)]
Position = Annotated[int, Field(strict=True, ge=1, le=500, description="Place in the course, from 1.")]


def _https(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.hostname:
        raise ValueError("must be a URL that starts with https://")
    return address


VideoUrl = Annotated[Line, Field(max_length=2000), AfterValidator(_https)]


class CourseDraft(Input):
    """A new course; it is not on sale until it is published."""

    title: Title
    summary: Summary = ""
    description: Description = ""
    price_amount: PriceAmount
    currency: Currency
    refund_days: RefundDays = REFUND_DAYS
    refund_max_progress: RefundMaxProgress = REFUND_MAX_PROGRESS


class CourseEdit(Edit):
    """Changes to a course; existing orders keep their price and terms."""

    title: Title = unchanged()
    summary: Summary = unchanged()
    description: Description = unchanged()
    price_amount: PriceAmount = unchanged()
    currency: Currency = unchanged()
    refund_days: RefundDays = unchanged()
    refund_max_progress: RefundMaxProgress = unchanged()


class LessonDraft(Input):
    """A new lesson; without a position it is added at the end."""

    title: Title
    body: LessonBody = ""
    video_url: VideoUrl | None = None
    is_preview: Annotated[bool, Field(strict=True, description="Readable by everybody.")] = False
    position: Position | None = None


class LessonEdit(Edit):
    """Changes to a lesson. A new position moves the other lessons; a null `video_url` removes the video."""

    title: Title = unchanged()
    body: LessonBody = unchanged()
    video_url: VideoUrl | None = unchanged()
    is_preview: Annotated[bool, Field(strict=True)] = unchanged()
    position: Position = unchanged()
