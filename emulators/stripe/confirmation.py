"""Paying an open session: the attempt, and the completion of the session."""

from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError
from emulators.stripe.json_types import Json
from emulators.stripe.payment_attempts import PAID, answer_action, attempt_payment
from emulators.stripe.payment_intent_object import intent_of
from emulators.stripe.payment_results import complete_session, method_of


def confirm_payment(call: Call, session: Json, method: Json) -> Json:
    """Try to pay an open session; returns its payment intent.

    Raises `ApiError` with status 402 when a card is declined; the caller commits the failed attempt nevertheless.
    """
    _require_open(session)
    if method["type"] not in session["payment_method_types"]:
        raise ApiError(
            f"The payment method type {method['type']} is not available for this Checkout Session.",
            param="payment_method",
        )
    intent = intent_of(call, session)
    approval_url = f"{call.emulator.config.public_url}/pay/{session['id']}/approve"
    intent = attempt_payment(call, intent, method, approval_url, session["return_url"])
    return _complete(call, session, intent)


def finish_action(call: Call, session: Json, *, approved: bool) -> Json:
    """Apply the buyer's answer to 3-D Secure, Klarna or PayPal; raises `ApiError` 402 when not approved."""
    _require_open(session)
    intent = answer_action(call, intent_of(call, session), approved=approved)
    return _complete(call, session, intent)


def _complete(call: Call, session: Json, intent: Json) -> Json:
    session = call.store.find("checkout.session", session["id"]) or session
    if intent["status"] in PAID:
        complete_session(call, session, method_of(call, intent), "paid")
    elif intent["status"] == "processing":
        complete_session(call, session, method_of(call, intent), "unpaid")
    return intent


def _require_open(session: Json) -> None:
    if session["status"] != "open":
        raise ApiError(
            f"This Checkout Session is {session['status']} and can no longer be paid.",
            code="payment_intent_unexpected_state",
        )
