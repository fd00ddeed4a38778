"""Expire the orders that were not paid in time."""

from datetime import datetime

from sqlalchemy.orm import Session

from core.audit.tags import Tag
from db.queries import query


def expire(session: Session, now: datetime) -> int:
    """Expire every pending order that is due at `now`, each with its audit entry; return the count.

    Stripe ends their checkout sessions at the same time. A payment that arrives later is still fulfilled.
    """
    return session.execute(query("orders/expire"), {"now": now, "tag": Tag.ORDER_EXPIRED}).scalar_one()
