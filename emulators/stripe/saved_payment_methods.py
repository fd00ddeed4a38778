"""Payment methods that are saved on a customer: attach, detach, update, list."""

from emulators.stripe.cards import by_last4
from emulators.stripe.customers import find_customer
from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError, card_error
from emulators.stripe.events import change
from emulators.stripe.json_types import Json
from emulators.stripe.payment_methods import BILLING, TYPES, resolve_method
from emulators.stripe.resources import EXPAND, Resource
from emulators.stripe.schema import check_params, choice, text

PAYMENT_METHODS = Resource(
    "payment_method",
    "/v1/payment_methods",
    "pm",
    updates={"billing_details": BILLING, "allow_redisplay": choice("always", "limited", "unspecified")},
    filters={"customer": text(), "type": choice(*TYPES)},
)


def attach(call: Call) -> Json:
    """POST /v1/payment_methods/{id}/attach; `id` may be a test card's name, as in `pm_card_visa`."""
    params = check_params(call.params, {"customer": text(), **EXPAND}, ("customer",))
    find_customer(call, params["customer"], status=400, param="customer")
    return attach_method(call, resolve_method(call, call.path["id"]), params["customer"])


def attach_method(call: Call, method: Json, customer_id: str) -> Json:
    """Save a payment method on a customer; raises `ApiError` for a card that is declined or saved elsewhere."""
    if method["customer"] == customer_id:
        return method
    if method["customer"]:
        raise ApiError("The payment method you provided has already been attached to a customer.")
    card = by_last4(method["card"]["last4"]) if method["type"] == "card" else None
    if card and not card.can_be_saved:
        raise card_error(card.failure)
    return change(call, method, {"customer": customer_id}, "payment_method.attached")


def detach(call: Call) -> Json:
    """POST /v1/payment_methods/{id}/detach."""
    check_params(call.params, EXPAND)
    method = PAYMENT_METHODS.find(call, call.path["id"])
    if not method["customer"]:
        raise ApiError("The payment method you provided is not attached to a customer so detachment is impossible.")
    return change(call, method, {"customer": None}, "payment_method.detached")


def update(call: Call) -> Json:
    """POST /v1/payment_methods/{id}; only a saved one can be changed."""
    if not PAYMENT_METHODS.find(call, call.path["id"])["customer"]:
        raise ApiError("You must save this PaymentMethod to a customer before you can update it.")
    return PAYMENT_METHODS.update(call)
