"""Orders."""

from sqlalchemy.orm import Session

from core.clock import utc_now
from core.jobs.batch import Batch
from core.messages import ExpireOrders, FulfilOrder
from core.orders.expire import expire as expire_orders
from core.orders.fulfil import fulfil as fulfil_orders
from core.outcomes import Done, Outcome
from db.statements import Statements
from tasks.decorators import each_task, statement_task


@statement_task(FulfilOrder)
def fulfil(statements: Statements, batch: Batch) -> None:
    """Give what paid orders promise."""
    fulfil_orders(statements, batch)


@each_task(ExpireOrders)
def expire(session: Session, _message: ExpireOrders) -> Outcome:
    """Close unpaid orders past their time."""
    return Done({"expired": expire_orders(session, utc_now())})
