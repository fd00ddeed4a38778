"""SEPA bank debits: the session completes unpaid, and the bank answers later."""

from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError
from emulators.stripe.events import emit
from emulators.stripe.json_types import Json
from emulators.stripe.payment_intents import find_intent
from emulators.stripe.payment_results import complete_session, fail, method_of, succeed
from emulators.stripe.timers import drop_timers, set_timer

# The last digits of the test IBAN whose debit fails: https://docs.stripe.com/payments/sepa-debit
_FAILING_LAST4 = "3202"


def start_debit(call: Call, session: Json, intent: Json, method: Json) -> Json:
    """Complete the session unpaid and set the timer that settles the debit; returns the intent."""
    intent = call.store.save({**intent, "status": "processing", "processing": {"type": "sepa_debit"}})
    emit(call, "payment_intent.processing", intent)
    complete_session(call, session, method, "unpaid")
    action = "bounce" if method["sepa_debit"]["last4"] == _FAILING_LAST4 else "settle"
    set_timer(call, call.emulator.now() + call.emulator.config.settle_after_s, action, session["id"])
    return intent


def settle_debit(call: Call, session: Json, *, succeeded: bool) -> Json:
    """Record the bank's answer; returns the intent. Raises `ApiError` when no debit is in process."""
    intent = find_intent(call, session["payment_intent"]) if session["payment_intent"] else None
    if intent is None or intent["status"] != "processing":
        raise ApiError("No payment of this Checkout Session is being processed.")
    drop_timers(call, session["id"])
    method = method_of(call, intent)
    if succeeded:
        intent = succeed(call, intent, method)
        session = call.store.save({**session, "payment_status": "paid"})
        emit(call, "checkout.session.async_payment_succeeded", session)
        return intent
    failure: Json = {"code": "payment_method_provider_decline", "message": "The bank refused the debit."}
    intent = fail(call, intent, method, failure)
    emit(call, "checkout.session.async_payment_failed", session)
    return intent
