"""How often somebody may try: hits of a bucket in a minute, counted in the database for all processes together."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from core.problems import TooManyRequests
from db.queries import query

WINDOW_SECONDS = 60


def bucket(what: str, value: str) -> str:
    """The name of a bucket; `value` is hashed, for it may be an e-mail."""
    return f"{what}:{hashlib.sha256(value.encode()).hexdigest()}"


def hit(session: Session, buckets: Sequence[str], *, now: datetime, allowed: int) -> TooManyRequests | None:
    """Count one attempt in every bucket. The refusal is a value, for the count must be committed with it."""
    second = int(now.timestamp())
    start = second - second % WINDOW_SECONDS
    # In one order everywhere: two attempts on the same buckets cannot wait for each other.
    values = {"buckets": sorted(set(buckets)), "window": start}
    hits = session.scalar(query("accounts/hit"), values)
    if hits <= allowed:
        return None
    left = start + WINDOW_SECONDS - second
    return TooManyRequests(f"At most {allowed} attempts a minute; try again in {left} s.", retry_after=left)
