from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Schema(BaseModel):
    """The base of answers; read from the attributes of a row or a dataclass."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


def _in_utc(time: datetime) -> datetime:
    return time.astimezone(UTC)


# The database returns times in the time zone of its session.
Time = Annotated[datetime, AfterValidator(_in_utc), Field(description="ISO 8601, UTC.")]
Amount = Annotated[int, Field(description="Minor units of the currency.")]
Currency = Annotated[str, Field(description="ISO 4217.")]
