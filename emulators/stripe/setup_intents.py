"""Setup intents: check a payment method and save it for later, without a payment."""

from emulators.stripe.cards import by_last4
from emulators.stripe.customers import find_customer
from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError, card_error
from emulators.stripe.events import change
from emulators.stripe.ids import new_id
from emulators.stripe.json_types import Json
from emulators.stripe.payment_methods import TYPES, resolve_method
from emulators.stripe.resources import EXPAND, Resource
from emulators.stripe.saved_payment_methods import attach_method
from emulators.stripe.schema import boolean, check_params, choice, list_of, metadata, text, url

SETUP_INTENTS = Resource(
    "setup_intent",
    "/v1/setup_intents",
    "seti",
    updates={"description": text()},
    filters={"customer": text(), "payment_method": text()},
)
_CREATE = {
    "allowed_payment_method_types": list_of(choice(*TYPES)),
    "confirm": boolean,
    "customer": text(),
    "description": text(),
    "metadata": metadata,
    "payment_method": text(),
    "return_url": url,
    "usage": choice("off_session", "on_session"),
    **EXPAND,
}
_CONFIRM = {"payment_method": text(), "return_url": url, **EXPAND}
_REASONS = ("abandoned", "duplicate", "requested_by_customer")
_UNSET = (
    *("application", "automatic_payment_methods", "cancellation_reason", "customer", "description", "flow_directions"),
    *("last_setup_error", "latest_attempt", "mandate", "next_action", "on_behalf_of", "payment_method"),
    "single_use_mandate",
)
_UNCONFIRMED = ("requires_payment_method", "requires_confirmation", "requires_action")


def create_setup_intent(call: Call) -> Json:
    """POST /v1/setup_intents; with `confirm` the payment method is checked in the same call."""
    params = check_params(call.params, _CREATE)
    if "customer" in params:
        find_customer(call, params["customer"], status=400, param="customer")
    if "payment_method" in params:
        params["payment_method"] = resolve_method(call, params["payment_method"])["id"]
    given = ("customer", "description", "metadata", "payment_method")
    fields: Json = {
        **dict.fromkeys(_UNSET),
        **{name: params[name] for name in given if name in params},
        "client_secret": new_id("seti_secret", 25),
        "payment_method_types": params.get("allowed_payment_method_types") or list(TYPES),
        "status": "requires_confirmation" if "payment_method" in params else "requires_payment_method",
        "usage": params.get("usage", "off_session"),
    }
    intent = SETUP_INTENTS.create(call, fields)
    return _confirm(call, intent, intent["payment_method"]) if params.get("confirm") else intent


def confirm(call: Call) -> Json:
    """POST /v1/setup_intents/{id}/confirm."""
    params = check_params(call.params, _CONFIRM)
    intent = _find_unconfirmed(call, "confirm")
    return _confirm(call, intent, params.get("payment_method") or intent["payment_method"])


def _confirm(call: Call, intent: Json, name: str | None) -> Json:
    if name is None:
        raise ApiError("You cannot confirm this SetupIntent because it's missing a payment method.")
    method = resolve_method(call, name)
    if method["type"] not in intent["payment_method_types"]:
        raise ApiError(f"The payment method type {method['type']} is not allowed here.", param="payment_method")
    card = by_last4(method["card"]["last4"]) if method["type"] == "card" else None
    if card and card.outcome == "challenge":
        action: Json = {"type": "use_stripe_sdk", "use_stripe_sdk": {}}
        changes = {"status": "requires_action", "payment_method": method["id"], "next_action": action}
        return change(call, intent, changes, "setup_intent.requires_action")
    try:
        if card and not card.can_be_saved:
            raise card_error(card.failure)
        if intent["customer"]:
            attach_method(call, method, intent["customer"])
    except ApiError as error:
        changes = {"status": "requires_payment_method", "last_setup_error": error.body["error"], "payment_method": None}
        change(call, intent, changes, "setup_intent.setup_failed")
        raise
    changes = {"status": "succeeded", "payment_method": method["id"], "next_action": None, "last_setup_error": None}
    return change(call, intent, changes, "setup_intent.succeeded")


def update(call: Call) -> Json:
    """POST /v1/setup_intents/{id}; Stripe sends no event."""
    return change(call, *SETUP_INTENTS.read_update(call))


def cancel(call: Call) -> Json:
    """POST /v1/setup_intents/{id}/cancel."""
    params = check_params(call.params, {"cancellation_reason": choice(*_REASONS), **EXPAND})
    intent = _find_unconfirmed(call, "cancel")
    changes = {"status": "canceled", "cancellation_reason": params.get("cancellation_reason"), "next_action": None}
    return change(call, intent, changes, "setup_intent.canceled")


def _find_unconfirmed(call: Call, action: str) -> Json:
    intent = SETUP_INTENTS.find(call, call.path["id"])
    if intent["status"] not in _UNCONFIRMED:
        raise ApiError(
            f"You cannot {action} this SetupIntent because it has a status of {intent['status']}.",
            code="setup_intent_unexpected_state",
        )
    return intent
