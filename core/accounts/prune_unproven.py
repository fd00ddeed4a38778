"""Delete accounts whose address was never proven."""

from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import CursorResult
from sqlalchemy.orm import Session

from db.queries import query

# From the registration.
UNPROVEN_KEPT: Final = timedelta(days=7)


def prune_unproven(session: Session, now: datetime, quota: int = 1000) -> int:
    """Delete up to `quota` accounts, with the emails to them, and return how many. One that owns anything stays."""
    params = {"before": now - UNPROVEN_KEPT, "now": now, "quota": quota}
    return cast("CursorResult[Any]", session.execute(query("accounts/prune_unproven"), params)).rowcount
