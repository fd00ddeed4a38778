"""One attempt to pay an intent, and the buyer's answer to 3-D Secure, Klarna or PayPal."""

from emulators.stripe.bank_debits import start_debit
from emulators.stripe.cards import by_last4
from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError, card_error
from emulators.stripe.events import change
from emulators.stripe.json_types import Json
from emulators.stripe.payment_results import fail, method_of, succeed

PAID = ("succeeded", "requires_capture")
_AUTHENTICATION_FAILED: Json = {
    "code": "payment_intent_authentication_failure",
    "message": "We are unable to authenticate your payment method. Please choose a different payment method"
    " and try again.",
}
_NOT_APPROVED: Json = {
    "code": "payment_method_customer_decline",
    "message": "The payment was not approved.",
}


def attempt_payment(call: Call, intent: Json, method: Json, approval_url: str, return_url: str | None) -> Json:
    """Try to pay; returns the intent.

    Raises `ApiError` with status 402 when a card is declined; the caller commits the failed attempt nevertheless.
    3-D Secure cards, Klarna and PayPal wait in `requires_action` for `answer_action`.
    """
    if method["type"] not in intent["payment_method_types"]:
        raise ApiError(
            f"The payment method type {method['type']} is not available for this payment.", param="payment_method"
        )
    intent = {**intent, "payment_method": method["id"]}
    if method["type"] == "sepa_debit":
        return start_debit(call, intent, method)
    card = by_last4(method["card"]["last4"]) if method["type"] == "card" else None
    if card is None or card.outcome == "challenge":
        action = {"type": "redirect_to_url", "redirect_to_url": {"url": approval_url, "return_url": return_url}}
        changes = {"status": "requires_action", "next_action": action}
        return change(call, intent, changes, "payment_intent.requires_action")
    if card.outcome == "declined":
        raise _decline(call, intent, method, card.failure)
    return succeed(call, intent, method)


def answer_action(call: Call, intent: Json, *, approved: bool) -> Json:
    """Apply the buyer's answer; returns the intent. Raises `ApiError` 402 when not approved."""
    if intent["status"] != "requires_action":
        raise ApiError("This payment does not wait for approval.", code="payment_intent_unexpected_state")
    method = method_of(call, intent)
    if approved:
        return succeed(call, intent, method)
    raise _decline(call, intent, method, _AUTHENTICATION_FAILED if method["type"] == "card" else _NOT_APPROVED)


def _decline(call: Call, intent: Json, method: Json, failure: Json) -> ApiError:
    intent = fail(call, intent, method, failure)
    return card_error(failure, payment_intent=intent)
