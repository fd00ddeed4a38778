"""Time and ids, injected so that tests are exact."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

Clock = Callable[[], datetime]
NewId = Callable[[], UUID]


def utc_now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)
