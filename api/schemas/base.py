from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class View(BaseModel):
    """Shown as the row says it; times are in UTC."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


def _in_utc(time: datetime) -> datetime:
    return time.astimezone(UTC)


# The database answers in the time zone of its session.
Time = Annotated[datetime, AfterValidator(_in_utc), Field(description="ISO 8601, UTC.")]
Amount = Annotated[int, Field(description="Minor units of the currency.")]
Currency = Annotated[str, Field(description="ISO 4217.")]
