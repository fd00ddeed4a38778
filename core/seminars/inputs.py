"""The inputs of seminars."""

from datetime import datetime, timedelta
from typing import Annotated, Final, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from core.inputs import Edit, Input, unchanged
from core.offers.inputs import REFUND_DAYS, Currency, Description, PriceAmount, RefundDays, Title

MAX_CAPACITY: Final = 1000
MAX_SERIES: Final = 52
_SHORTEST: Final = timedelta(minutes=5)
_LONGEST: Final = timedelta(hours=12)

Capacity = Annotated[int, Field(strict=True, ge=1, le=MAX_CAPACITY, description="Seats; never more are given.")]
CourseId = Annotated[UUID | None, Field(description="The teacher's own course; its learners take a seat for free.")]


def check_times(starts_at: datetime, ends_at: datetime) -> None:
    """Raise ValueError unless a seminar can last from one to the other."""
    length = ends_at - starts_at
    if not _SHORTEST <= length <= _LONGEST:
        raise ValueError("ends_at must be 5 minutes to 12 hours after starts_at")


class SeminarDraft(Input):
    """A new seminar; it is not announced until it is published."""

    title: Title
    description: Description = ""
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    capacity: Capacity
    price_amount: PriceAmount
    currency: Currency
    refund_days: RefundDays = REFUND_DAYS
    course_id: CourseId = None

    @model_validator(mode="after")
    def _has_a_length(self) -> Self:
        check_times(self.starts_at, self.ends_at)
        return self


class SeriesDraft(SeminarDraft):
    """The same seminar each week, at the same time of day in Stockholm, also when its clocks change."""

    count: Annotated[int, Field(strict=True, ge=2, le=MAX_SERIES, description="How many, a week apart.")]


class SeminarEdit(Edit):
    """Changes to a seminar; who has a seat is told of another time. Existing orders keep their price and terms."""

    title: Title = unchanged()
    description: Description = unchanged()
    starts_at: AwareDatetime = unchanged()
    ends_at: AwareDatetime = unchanged()
    capacity: Capacity = unchanged()
    price_amount: PriceAmount = unchanged()
    currency: Currency = unchanged()
    refund_days: RefundDays = unchanged()
    course_id: CourseId = unchanged()
