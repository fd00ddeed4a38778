"""The inputs of courses and lessons."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from core.inputs import Edit, Input, unchanged
from core.offers.inputs import Currency, Description, PriceAmount, Title
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


class CourseEdit(Edit):
    """Changes to a course; existing orders keep their price."""

    title: Title = unchanged()
    summary: Summary = unchanged()
    description: Description = unchanged()
    price_amount: PriceAmount = unchanged()
    currency: Currency = unchanged()


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
