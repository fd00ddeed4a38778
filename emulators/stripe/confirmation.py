"""Confirming the payment of an open session, and the buyer's answer to 3-D Secure, Klarna or PayPal."""

from emulators.stripe.bank_debits import start_debit
from emulators.stripe.cards import by_last4
from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError
from emulators.stripe.events import emit
from emulators.stripe.json_types import Json
from emulators.stripe.payment_intents import intent_of
from emulators.stripe.payment_results import complete_session, fail, method_of, succeed

_AUTHENTICATION_FAILED: Json = {
    "code": "payment_intent_authentication_failure",
    "message": "We are unable to authenticate your payment method. Please choose a different payment method"
    " and try again.",
}
_NOT_APPROVED: Json = {
    "code": "payment_method_customer_decline",
    "message": "The payment was not approved.",
}


def confirm_payment(call: Call, session: Json, method: Json) -> Json:
    """Try to pay an open session; returns its payment intent.

    Raises `ApiError` with status 402 when a card is declined; the caller commits the failed attempt nevertheless.
    3-D Secure cards, Klarna and PayPal wait in `requires_action` for `finish_action`.
    """
    _require_open(session)
    if method["type"] not in session["payment_method_types"]:
        raise ApiError(
            f"The payment method type {method['type']} is not available for this Checkout Session.",
            param="payment_method",
        )
    intent = {**intent_of(call, session), "payment_method": method["id"]}
    session = _reload(call, session)
    if method["type"] == "sepa_debit":
        return start_debit(call, session, intent, method)
    if method["type"] != "card":
        return _require_action(call, session, intent)
    card = by_last4(method["card"]["last4"])
    if card.outcome == "challenge":
        return _require_action(call, session, intent)
    if card.outcome == "declined":
        failure = {"code": card.code, "decline_code": card.decline_code, "message": card.message}
        raise _decline(call, intent, method, failure)
    return _complete_paid(call, session, intent, method)


def finish_action(call: Call, session: Json, *, approved: bool) -> Json:
    """Apply the buyer's answer to 3-D Secure, Klarna or PayPal; raises `ApiError` 402 when not approved."""
    _require_open(session)
    intent = intent_of(call, session)
    if intent["status"] != "requires_action":
        raise ApiError("This payment does not wait for approval.", code="payment_intent_unexpected_state")
    method = method_of(call, intent)
    if approved:
        return _complete_paid(call, session, intent, method)
    raise _decline(call, intent, method, _AUTHENTICATION_FAILED if method["type"] == "card" else _NOT_APPROVED)


def _require_open(session: Json) -> None:
    if session["status"] != "open":
        raise ApiError(
            f"This Checkout Session is {session['status']} and can no longer be paid.",
            code="payment_intent_unexpected_state",
        )


def _complete_paid(call: Call, session: Json, intent: Json, method: Json) -> Json:
    intent = succeed(call, intent, method)
    complete_session(call, session, method, "paid")
    return intent


def _require_action(call: Call, session: Json, intent: Json) -> Json:
    address = f"{call.emulator.config.public_url}/pay/{session['id']}/approve"
    action = {"type": "redirect_to_url", "redirect_to_url": {"url": address, "return_url": session["return_url"]}}
    intent = call.store.save({**intent, "status": "requires_action", "next_action": action})
    emit(call, "payment_intent.requires_action", intent)
    return intent


def _decline(call: Call, intent: Json, method: Json, failure: Json) -> ApiError:
    intent = fail(call, intent, method, failure)
    return ApiError(
        failure["message"],
        status=402,
        kind="card_error",
        code=failure["code"],
        decline_code=failure.get("decline_code"),
        payment_intent=intent,
    )


def _reload(call: Call, session: Json) -> Json:
    return call.store.find("checkout.session", session["id"]) or session
