from uuid import UUID

from sqlalchemy.orm import Session

from core.jobs.enqueue import NewJob, enqueue
from core.messages import ReturnItem


def return_money(session: Session, order_item_id: UUID, reason: str) -> None:
    """Enqueue the job that gives the money of an item back, unless one waits already."""
    message = ReturnItem(order_item_id=order_item_id, reason=reason)
    enqueue(session, NewJob(message=message, dedupe_key=f"return:{order_item_id}"))
