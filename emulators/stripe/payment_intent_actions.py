"""Payment intents: create and confirm, confirm, capture, cancel."""

from emulators.stripe.charges import find_charge
from emulators.stripe.currencies import MAX_AMOUNT
from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError, missing
from emulators.stripe.events import change
from emulators.stripe.json_types import Json
from emulators.stripe.payment_attempts import attempt_payment
from emulators.stripe.payment_intents import CREATE, create_intent, find_intent
from emulators.stripe.payment_methods import REDIRECT_TYPES, resolve_method
from emulators.stripe.payment_results import capture_charge
from emulators.stripe.schema import boolean, check_params, choice, integer, list_of, text, url
from emulators.stripe.timers import drop_timers

_CONFIRM = {"payment_method": text(), "return_url": url, "off_session": boolean, "expand": list_of(text())}
_CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
_REASONS = ("abandoned", "duplicate", "fraudulent", "requested_by_customer")


def create(call: Call) -> Json:
    """POST /v1/payment_intents; with `confirm` it is paid in the same call."""
    known = {**CREATE, "confirm": boolean, "return_url": url, "off_session": boolean}
    params = check_params(call.params, known, ("amount", "currency"))
    intent = create_intent(call, params)
    if not params.get("confirm"):
        if "return_url" in params:
            raise ApiError("You can only pass `return_url` when `confirm` is true.", param="return_url")
        return intent
    return _confirm(call, intent, params)


def confirm(call: Call) -> Json:
    """POST /v1/payment_intents/{id}/confirm."""
    params = check_params(call.params, _CONFIRM)
    intent = find_intent(call, call.path["id"])
    _require(intent, "confirm", _CONFIRMABLE)
    return _confirm(call, intent, params)


def _confirm(call: Call, intent: Json, params: Json) -> Json:
    name = params.get("payment_method") or intent["payment_method"]
    if name is None:
        raise ApiError(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            code="payment_intent_unexpected_state",
        )
    method = resolve_method(call, name)
    if method["type"] in REDIRECT_TYPES and "return_url" not in params:
        raise missing("return_url")
    approval_url = f"{call.emulator.config.public_url}/payment_intents/{intent['id']}/approve"
    return attempt_payment(call, intent, method, approval_url, params.get("return_url"))


def capture(call: Call) -> Json:
    """POST /v1/payment_intents/{id}/capture; `amount_to_capture` in minor units, by default all."""
    params = check_params(call.params, {"amount_to_capture": integer(1, MAX_AMOUNT), "expand": list_of(text())})
    intent = find_intent(call, call.path["id"])
    _require(intent, "capture", ("requires_capture",))
    amount = params.get("amount_to_capture", intent["amount_capturable"])
    if amount > intent["amount_capturable"]:
        raise ApiError(
            f"The requested capture amount ({amount}) is greater than the amount you can capture"
            f" ({intent['amount_capturable']}) for this PaymentIntent.",
            code="amount_too_large",
            param="amount_to_capture",
        )
    return capture_charge(call, intent, find_charge(call, intent["latest_charge"]), amount)


def cancel(call: Call) -> Json:
    """POST /v1/payment_intents/{id}/cancel; a Checkout Session's intent ends with the session only."""
    params = check_params(call.params, {"cancellation_reason": choice(*_REASONS), "expand": list_of(text())})
    intent = find_intent(call, call.path["id"])
    session = call.store.find_by("checkout.session", "payment_intent", intent["id"])
    if session and session["status"] == "open":
        raise ApiError(
            "You cannot cancel this PaymentIntent because it was created by Checkout. Expire the Checkout Session"
            " instead.",
            code="payment_intent_unexpected_state",
        )
    _require(intent, "cancel", (*_CONFIRMABLE, "requires_capture"))
    return cancel_intent(call, intent["id"], params.get("cancellation_reason"))


def cancel_intent(call: Call, intent_id: str, reason: str | None = None) -> Json:
    """Cancel an unpaid intent and release a reserved amount."""
    intent = find_intent(call, intent_id)
    drop_timers(call, intent_id)
    if intent["status"] == "requires_capture":
        charge = find_charge(call, intent["latest_charge"])
        change(call, charge, {"amount_refunded": charge["amount"], "refunded": True}, "charge.refunded")
    changes = {"status": "canceled", "canceled_at": call.created, "cancellation_reason": reason, "next_action": None}
    return change(call, intent, {**changes, "amount_capturable": 0}, "payment_intent.canceled")


def _require(intent: Json, action: str, allowed: tuple[str, ...]) -> None:
    if intent["status"] not in allowed:
        raise ApiError(
            f"You cannot {action} this PaymentIntent because it has a status of {intent['status']}. Only a"
            f" PaymentIntent with one of the following statuses may be used: {', '.join(allowed)}.",
            code="payment_intent_unexpected_state",
            payment_intent=intent,
        )
