"""Find what the provider must be asked about, because its events are overdue."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from db.queries import query

# After a checkout's end its event needs a moment.
GRACE: Final = timedelta(minutes=5)
# A bank debit takes days. A question every hour after the first hours finds a lost event soon enough.
PATIENCE: Final = timedelta(hours=6)
ASK_AGAIN: Final = timedelta(hours=1)
# Stripe allows 100 requests a second for everything; the rest waits for the next run.
BATCH: Final = 50
CLOSE_BATCH: Final = 10_000


def reconcile(session: Session, now: datetime) -> int:
    """Enqueue a question about each overdue checkout; returns how many."""
    session.execute(query("payments/close_paid"), {"now": now, "grace": GRACE, "batch": CLOSE_BATCH})
    limits = {"grace": GRACE, "patience": PATIENCE, "again": ASK_AGAIN, "batch": BATCH}
    return session.execute(query("payments/reconcile"), {"now": now, **limits}).scalar_one()
