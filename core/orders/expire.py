"""Close the orders whose time to be paid is over."""

from datetime import datetime

from sqlalchemy.orm import Session

from core.audit.tags import Tag
from db.queries import query


def expire(session: Session, now: datetime) -> int:
    """Expire every pending order due at `now`, each with its audit entry; return how many.

    Their checkout sessions end at the same time by themselves, and money that comes all the same is honoured.
    """
    return session.execute(query("orders/expire"), {"now": now, "tag": Tag.ORDER_EXPIRED}).scalar_one()
