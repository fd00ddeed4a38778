"""Paying a session: every step a payment can take, and the events each step emits."""

from emulators.stripe.cards import by_last4
from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError
from emulators.stripe.events import emit
from emulators.stripe.intents import find_intent, intent_of, new_charge
from emulators.stripe.json_types import Json
from emulators.stripe.session_object import customer_details
from emulators.stripe.timers import drop_timers, set_timer

_CHALLENGE_FAILED: Json = {
    "code": "payment_intent_authentication_failure",
    "message": "We are unable to authenticate your payment method. Please choose a different payment method"
    " and try again.",
}
_NOT_APPROVED: Json = {
    "code": "payment_method_customer_decline",
    "message": "The payment was not approved.",
}


def pay(call: Call, session: Json, method: Json) -> Json:
    """Try to pay an open session; answers its payment intent.

    Raises `ApiError` with status 402 when a card is declined: what happened is kept all the same.
    A card that asks for 3-D Secure, Klarna and PayPal wait in `requires_action` for `authorize`.
    """
    require_open(session)
    if method["type"] not in session["payment_method_types"]:
        raise ApiError(
            f"The payment method type {method['type']} is not available for this Checkout Session.",
            param="payment_method",
        )
    intent = {**intent_of(call, session), "payment_method": method["id"]}
    session = _reload(call, session)
    if method["type"] == "sepa_debit":
        return _await_settlement(call, session, intent, method)
    if method["type"] != "card":
        return _ask(call, session, intent)
    card = by_last4(method["card"]["last4"])
    if card.outcome == "challenge":
        return _ask(call, session, intent)
    if card.outcome == "declined":
        failure = {"code": card.code, "decline_code": card.decline_code, "message": card.message}
        raise _decline(call, intent, method, failure)
    return _succeed(call, session, intent, method)


def authorize(call: Call, session: Json, *, approved: bool) -> Json:
    """The buyer came back from 3-D Secure, Klarna or PayPal; raises `ApiError` 402 when not approved."""
    require_open(session)
    intent = intent_of(call, session)
    if intent["status"] != "requires_action":
        raise ApiError("This payment does not wait for approval.", code="payment_intent_unexpected_state")
    method = _method(call, intent)
    if approved:
        return _succeed(call, session, intent, method)
    raise _decline(call, intent, method, _CHALLENGE_FAILED if method["type"] == "card" else _NOT_APPROVED)


def settle(call: Call, session: Json, *, succeeded: bool) -> Json:
    """The bank's word on a debit, hours or days after the session completed."""
    intent = find_intent(call, session["payment_intent"]) if session["payment_intent"] else None
    if intent is None or intent["status"] != "processing":
        raise ApiError("No payment of this Checkout Session is being processed.")
    drop_timers(call, session["id"])
    method = _method(call, intent)
    if succeeded:
        intent = _charge(call, intent, method)
        session = call.store.save({**session, "payment_status": "paid"})
        emit(call, "checkout.session.async_payment_succeeded", session)
        return intent
    failure: Json = {"code": "payment_method_provider_decline", "message": "The bank refused the debit."}
    intent = _fail(call, intent, method, failure)
    emit(call, "checkout.session.async_payment_failed", session)
    return intent


def require_open(session: Json) -> None:
    """Only an open session can be paid."""
    if session["status"] != "open":
        raise ApiError(
            f"This Checkout Session is {session['status']} and can no longer be paid.",
            code="payment_intent_unexpected_state",
        )


def _succeed(call: Call, session: Json, intent: Json, method: Json) -> Json:
    intent = _charge(call, intent, method)
    _complete(call, session, method, "paid")
    return intent


def _charge(call: Call, intent: Json, method: Json) -> Json:
    charge = new_charge(call, intent, method)
    changed: Json = {
        "status": "succeeded",
        "amount_received": intent["amount"],
        "latest_charge": charge["id"],
        "last_payment_error": None,
        "next_action": None,
        "processing": None,
    }
    intent = call.store.save({**intent, **changed})
    emit(call, "charge.succeeded", charge)
    emit(call, "payment_intent.succeeded", intent)
    return intent


def _complete(call: Call, session: Json, method: Json, payment_status: str) -> None:
    buyer = method["billing_details"]
    details = customer_details(session["customer_email"] or buyer["email"], buyer["name"])
    changed = {"status": "complete", "payment_status": payment_status, "customer_details": details, "url": None}
    drop_timers(call, session["id"])
    emit(call, "checkout.session.completed", call.store.save({**session, **changed}))


def _ask(call: Call, session: Json, intent: Json) -> Json:
    back = f"{call.emulator.config.public_url}/pay/{session['id']}/approve"
    action = {"type": "redirect_to_url", "redirect_to_url": {"url": back, "return_url": session["return_url"]}}
    intent = call.store.save({**intent, "status": "requires_action", "next_action": action})
    emit(call, "payment_intent.requires_action", intent)
    return intent


def _await_settlement(call: Call, session: Json, intent: Json, method: Json) -> Json:
    intent = call.store.save({**intent, "status": "processing", "processing": {"type": "sepa_debit"}})
    emit(call, "payment_intent.processing", intent)
    _complete(call, session, method, "unpaid")
    # The sandbox IBANs of docs.stripe.com/payments/sepa-debit decide by their last digits.
    action = "settle" if method["sepa_debit"]["last4"] != "3202" else "bounce"
    set_timer(call, call.emulator.now() + call.emulator.config.settle_after_s, action, session["id"])
    return intent


def _decline(call: Call, intent: Json, method: Json, failure: Json) -> ApiError:
    intent = _fail(call, intent, method, failure)
    return ApiError(
        failure["message"],
        status=402,
        kind="card_error",
        code=failure["code"],
        decline_code=failure.get("decline_code"),
        payment_intent=intent,
    )


def _fail(call: Call, intent: Json, method: Json, failure: Json) -> Json:
    charge = new_charge(call, intent, method, failure)
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


def _method(call: Call, intent: Json) -> Json:
    found = call.store.find("payment_method", intent["payment_method"])
    if found is None:
        raise ApiError("The payment has no payment method.", code="payment_intent_unexpected_state")
    return found


def _reload(call: Call, session: Json) -> Json:
    return call.store.find("checkout.session", session["id"]) or session
