"""Give what paid orders promise."""

from sqlalchemy.orm import Session

from core.ledger.batch import Batch
from core.orders.states import sources
from db.queries import query

_FULFILLABLE = "{" + ",".join(sources("fulfilled")) + "}"


def fulfil(session: Session, batch: Batch) -> None:
    """Fulfil a batch of orders in one statement, its jobs' completion and the next jobs included."""
    session.execute(query("orders_fulfil"), {**batch.sql(), "fulfillable": _FULFILLABLE})
