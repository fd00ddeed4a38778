"""Give what paid orders promise."""

from core.jobs.batch import Batch
from core.orders.states import allowed_from
from db.statements import Statements

_FULFILLABLE = "{" + ",".join(allowed_from("fulfilled")) + "}"


def fulfil(statements: Statements, batch: Batch) -> None:
    """Fulfil a batch of orders in one statement, its jobs' completion and the next jobs included."""
    statements.run("orders/fulfil", {**batch.sql(), "fulfillable": _FULFILLABLE})
