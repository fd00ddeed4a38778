"""Limits on attempts per minute. The hits of a bucket are counted in the database, for all processes together."""

import hashlib
from datetime import datetime

from sqlalchemy.orm import Session

from core.problems import TooManyRequests
from db.queries import query

WINDOW_SECONDS = 60


def bucket(what: str, value: str) -> str:
    """The name of a bucket; `value` is hashed, because it may be an e-mail address."""
    return f"{what}:{hashlib.sha256(value.encode()).hexdigest()}"


def hit(session: Session, name: str, *, now: datetime, allowed: int) -> TooManyRequests | None:
    """Count one attempt in a bucket. Returns a refusal instead of raising it, so that the count is committed."""
    second = int(now.timestamp())
    start = second - second % WINDOW_SECONDS
    hits = session.scalar(query("accounts/hit"), {"bucket": name, "window": start})
    if hits <= allowed:
        return None
    left = start + WINDOW_SECONDS - second
    return TooManyRequests(
        f"At most {allowed} attempts per minute are allowed; try again in {left} s.", retry_after=left
    )
