"""Payments."""

from sqlalchemy.orm import Session

from core.clock import utc_now
from core.messages import AskCheckout, CloseCheckout, ReconcilePayments
from core.outcomes import Done, Outcome
from core.payments.inquiry import Inquiry
from core.payments.reconcile import reconcile as reconcile_payments
from core.webhooks.fetched import record_answer
from tasks import runtime
from tasks.decorators import each_task, external_task
from tasks.external import ExternalCall


@each_task(ReconcilePayments)
def reconcile(session: Session, _message: ReconcilePayments) -> Outcome:
    """Ask for outcomes that are overdue."""
    return Done({"asked": reconcile_payments(session, utc_now())})


def _call(inquiry: Inquiry) -> None:
    inquiry.ask(runtime.payments())


ask_checkout = external_task(
    AskCheckout,
    ExternalCall(
        prepare=lambda _session, message: Inquiry(message.session_id),
        call=_call,
        finish=lambda session, inquiry: record_answer(session, inquiry, utc_now()),
    ),
)

close_checkout = external_task(
    CloseCheckout,
    ExternalCall(
        prepare=lambda _session, message: Inquiry(message.session_id, closes=True),
        call=_call,
        finish=lambda session, inquiry: record_answer(session, inquiry, utc_now()),
    ),
)
