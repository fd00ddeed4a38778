"""Payments."""

from core.jobs.batch import Batch
from core.messages import DerivePayments
from core.payments.derive import derive as derive_orders
from db.statements import Statements
from tasks.decorators import statement_task


@statement_task(DerivePayments)
def derive(statements: Statements, batch: Batch) -> None:
    """Derive the states of orders from their money."""
    derive_orders(statements, batch)
