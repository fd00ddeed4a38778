"""SEPA bank debits: the payment is in process until the bank answers."""

from emulators.stripe.charges import new_charge
from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError
from emulators.stripe.events import change, emit
from emulators.stripe.json_types import Json
from emulators.stripe.payment_results import fail, method_of, succeed
from emulators.stripe.timers import drop_timers, set_timer

# The last digits of the test IBANs whose debit fails: https://docs.stripe.com/payments/sepa-debit, and the one that the
# CLI's `trigger checkout.session.async_payment_failed` pays with.
_FAILING_LAST4 = ("3202", "3456")


def start_debit(call: Call, intent: Json, method: Json) -> Json:
    """Set the timer that settles the debit; returns the intent, which is processing."""
    charge = new_charge(call, intent, method, pending=True)
    emit(call, "charge.pending", charge)
    changes = {"status": "processing", "processing": {"type": "sepa_debit"}, "latest_charge": charge["id"]}
    intent = change(call, intent, changes, "payment_intent.processing")
    action = "fail_debit" if method["sepa_debit"]["last4"] in _FAILING_LAST4 else "settle_debit"
    set_timer(call, call.emulator.now() + call.emulator.config.settle_after_s, action, intent["id"])
    return intent


def settle_debit(call: Call, intent: Json, *, succeeded: bool) -> Json:
    """Record the bank's answer; returns the intent. Raises `ApiError` when no debit is in process."""
    if intent["status"] != "processing":
        raise ApiError(f"No payment is being processed: the status is {intent['status']}.")
    drop_timers(call, intent["id"])
    method = method_of(call, intent)
    session = call.store.find_by("checkout.session", "payment_intent", intent["id"])
    if succeeded:
        intent = succeed(call, intent, method)
        if session:
            change(call, session, {"payment_status": "paid"}, "checkout.session.async_payment_succeeded")
        return intent
    failure: Json = {"code": "payment_method_provider_decline", "message": "The bank refused the debit."}
    intent = fail(call, intent, method, failure)
    if session:
        change(call, session, {}, "checkout.session.async_payment_failed")
    return intent
