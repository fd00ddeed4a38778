"""What a payment attempt changes: its charge, its intent, its session, and the events of each."""

from collections.abc import Callable
from functools import partial

from emulators.stripe.balance import report_available
from emulators.stripe.balance_transactions import new_transaction, payment_fee
from emulators.stripe.cards import AfterPayment, after_payment
from emulators.stripe.charges import new_charge
from emulators.stripe.dispute_results import open_dispute
from emulators.stripe.early_fraud_warnings import open_warning
from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError
from emulators.stripe.events import change, emit
from emulators.stripe.json_types import Json
from emulators.stripe.session_object import customer_details
from emulators.stripe.timers import drop_timers

# At once, as in Stripe: the CLI's `trigger charge.dispute.closed` looks for the dispute right after the payment.
_AFTER_PAYMENT: dict[AfterPayment, Callable[[Call, Json], Json]] = {
    AfterPayment.DISPUTE: open_dispute,
    AfterPayment.DISPUTE_NOT_RECEIVED: partial(open_dispute, reason="product_not_received"),
    AfterPayment.INQUIRY: partial(open_dispute, inquiry=True),
    AfterPayment.FRAUD_WARNING: open_warning,
    AfterPayment.AVAILABLE: report_available,
}


def succeed(call: Call, intent: Json, method: Json) -> Json:
    """Charge the whole intent, or reserve the amount when it is captured by hand; returns the intent."""
    charge = new_charge(call, intent, method)
    changes: Json = {
        "latest_charge": charge["id"],
        "last_payment_error": None,
        "next_action": None,
        "processing": None,
    }
    emit(call, "charge.succeeded", charge)
    if not charge["captured"]:
        changes |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
        return change(call, intent, changes, "payment_intent.amount_capturable_updated")
    changes |= {"status": "succeeded", "amount_received": intent["amount"]}
    intent = change(call, intent, changes, "payment_intent.succeeded")
    _add_to_balance(call, charge)
    return intent


def capture_charge(call: Call, intent: Json, charge: Json, amount: int) -> Json:
    """Capture `amount` (minor units) of a reserved charge; returns the intent."""
    charge = change(call, charge, {"captured": True, "amount_captured": amount}, "charge.captured")
    changes = {"status": "succeeded", "amount_capturable": 0, "amount_received": amount}
    intent = change(call, intent, changes, "payment_intent.succeeded")
    _add_to_balance(call, charge)
    return intent


def _add_to_balance(call: Call, charge: Json) -> None:
    # As in Stripe, the balance transaction of an asynchronous capture comes with a later event.
    amount = charge["amount_captured"]
    kind = "charge" if charge["payment_method_details"]["type"] == "card" else "payment"
    transaction = new_transaction(
        call, kind, charge, amount, fee=payment_fee(amount, charge["currency"]), category="charge"
    )
    charge = change(call, charge, {"balance_transaction": transaction["id"]}, "charge.updated")
    action = _AFTER_PAYMENT.get(after_payment(charge["payment_method_details"]))
    if action:
        action(call, charge)


def fail(call: Call, intent: Json, method: Json, failure: Json) -> Json:
    """Record a failed charge with `failure`'s code and message; returns the intent, which can be paid again."""
    charge = new_charge(call, intent, method, failure=failure)
    error = {**failure, "type": "card_error", "charge": charge["id"], "payment_method": method}
    changed: Json = {
        "status": "requires_payment_method",
        "latest_charge": charge["id"],
        "last_payment_error": error,
        "payment_method": None,
        "next_action": None,
        "processing": None,
    }
    intent = call.store.save({**intent, **changed})
    emit(call, "charge.failed", charge)
    emit(call, "payment_intent.payment_failed", intent)
    return intent


def complete_session(call: Call, session: Json, method: Json, payment_status: str) -> None:
    """Complete the session as `paid`, or as `unpaid` while a bank debit is in process."""
    buyer = method["billing_details"]
    details = customer_details(session["customer_email"] or buyer["email"], buyer["name"])
    changed = {"status": "complete", "payment_status": payment_status, "customer_details": details, "url": None}
    drop_timers(call, session["id"])
    emit(call, "checkout.session.completed", call.store.save({**session, **changed}))


def method_of(call: Call, intent: Json) -> Json:
    """The payment method of an intent; raises `ApiError` when it has none."""
    found = call.store.find("payment_method", intent["payment_method"])
    if found is None:
        raise ApiError("The payment has no payment method.", code="payment_intent_unexpected_state")
    return found
