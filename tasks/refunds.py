"""Refunds."""

from sqlalchemy.orm import Session

from core.clock import utc_now
from core.messages import CreateRefund, ReturnItem
from core.outcomes import Outcome
from core.refunds.create import RefundCall, finish, prepare
from core.refunds.return_item import return_item as return_money
from tasks import runtime
from tasks.decorators import each_task, external_task
from tasks.external import ExternalCall


def _call(call: RefundCall) -> None:
    call.make(runtime.payments())


@each_task(ReturnItem)
def return_item(session: Session, message: ReturnItem) -> Outcome:
    """Give the money of an item back that cannot be given."""
    return return_money(session, message, utc_now())


create = external_task(
    CreateRefund,
    ExternalCall(
        prepare=lambda session, message: prepare(session, message, utc_now()),
        call=_call,
        finish=finish,
    ),
)
