"""Fulfil paid orders."""

from core.jobs.batch import Batch
from core.orders.states import allowed_from
from db.statements import Statements

_FULFILLABLE = "{" + ",".join(allowed_from("fulfilled")) + "}"


def fulfil(statements: Statements, batch: Batch) -> None:
    """Fulfil a batch of orders, enqueue the next jobs and complete the batch, in one statement."""
    statements.run("orders/fulfil", {**batch.sql(), "fulfillable": _FULFILLABLE})
