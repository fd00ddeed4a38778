"""Types of the injected clock and id generator, and the real clock."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

Clock = Callable[[], datetime]
NewId = Callable[[], UUID]


def utc_now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)
