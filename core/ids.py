"""Ids as moments: UUIDv7 sort by the time at which they were made."""

from datetime import datetime
from uuid import UUID


def first_id_at(moment: datetime) -> UUID:
    """The smallest UUIDv7 of a millisecond (RFC 9562, section 5.7)."""
    return UUID(int=(int(moment.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62))
