"""Give what paid orders promise."""

from core.ledger.batch import Batch
from core.orders.states import sources
from db.statements import Statements

_FULFILLABLE = "{" + ",".join(sources("fulfilled")) + "}"


def fulfil(statements: Statements, batch: Batch) -> None:
    """Fulfil a batch of orders in one statement, its jobs' completion and the next jobs included."""
    statements.run("orders_fulfil", {**batch.sql(), "fulfillable": _FULFILLABLE})
