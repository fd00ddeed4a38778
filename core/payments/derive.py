"""The state of an order follows from its payments, refunds and disputes."""

from core.jobs.batch import Batch
from db.statements import Statements


def derive(statements: Statements, batch: Batch) -> None:
    """Derive a batch of orders, enqueue what follows and complete the batch, in one statement."""
    statements.run("payments/derive", batch.sql())
