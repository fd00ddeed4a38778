"""Payments."""

from sqlalchemy.orm import Session

from core.clock import utc_now
from core.jobs.batch import Batch
from core.messages import AskCheckout, CloseCheckout, CompareBooks, DerivePayments, ReconcilePayments
from core.outcomes import Done, Outcome
from core.payments.compare import Reading, plan_comparison, record_comparison
from core.payments.derive import derive as derive_orders
from core.payments.inquiry import Inquiry
from core.payments.reconcile import reconcile as reconcile_payments
from core.webhooks.fetched import record_answer
from db.statements import Statements
from tasks import runtime
from tasks.decorators import each_task, external_task, statement_task
from tasks.external import ExternalCall


@statement_task(DerivePayments)
def derive(statements: Statements, batch: Batch) -> None:
    """Derive the states of orders from their money."""
    derive_orders(statements, batch)


@each_task(ReconcilePayments)
def reconcile(session: Session, _message: ReconcilePayments) -> Outcome:
    """Ask for outcomes that are overdue."""
    return Done({"asked": reconcile_payments(session, utc_now())})


def _call(inquiry: Inquiry) -> None:
    inquiry.ask(runtime.payments())


def _read(reading: Reading) -> None:
    reading.read(runtime.books())


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

compare = external_task(
    CompareBooks,
    ExternalCall(
        prepare=lambda session, _message: plan_comparison(session, utc_now()),
        call=_read,
        finish=record_comparison,
    ),
)
