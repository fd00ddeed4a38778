"""Payment intents: create, retrieve, update, list."""

from emulators.stripe.currencies import MAX_AMOUNT, currency, minimum_amount
from emulators.stripe.customers import find_customer
from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError, no_such
from emulators.stripe.events import change
from emulators.stripe.json_types import Json
from emulators.stripe.pagination import LIST_PARAMS, list_page
from emulators.stripe.payment_intent_object import new_intent
from emulators.stripe.payment_methods import ADDRESS, TYPES, eligible_types, resolve_method
from emulators.stripe.schema import (
    boolean,
    check_params,
    choice,
    email,
    fields,
    integer,
    list_of,
    merge_metadata,
    metadata,
    optional,
    text,
)

INTENT_DATA = {
    "description": text(1_000),
    "metadata": metadata,
    "receipt_email": email,
    "setup_future_usage": choice("off_session", "on_session"),
    "shipping": fields({"name": text(), "phone": text(), "address": ADDRESS}, ("name", "address")),
    "statement_descriptor": text(22),
    "statement_descriptor_suffix": text(22),
    "transfer_group": text(),
}
# The buyer's consent to a bank debit; it changes nothing.
_ONLINE = fields({"ip_address": text(), "user_agent": text()}, ("ip_address", "user_agent"))
_ACCEPTANCE = fields(
    {"accepted_at": integer(0, 2**40), "offline": fields({}), "online": _ONLINE, "type": choice("offline", "online")},
    ("type",),
)
CREATE = {
    **INTENT_DATA,
    "allowed_payment_method_types": list_of(choice(*TYPES)),
    "amount": integer(1, MAX_AMOUNT),
    "automatic_payment_methods": fields({"enabled": boolean, "allow_redirects": choice("always", "never")}),
    "capture_method": choice("automatic", "automatic_async", "manual"),
    "confirmation_method": choice("automatic", "manual"),
    "currency": currency,
    "customer": text(),
    "payment_method": text(),
    "mandate_data": fields({"customer_acceptance": _ACCEPTANCE}, ("customer_acceptance",)),
    "expand": list_of(text()),
}
_UPDATE = {
    "description": optional(text(1_000)),
    "metadata": metadata,
    "receipt_email": optional(email),
    "expand": list_of(text()),
}


def create_intent(call: Call, params: Json) -> Json:
    """A new intent of checked parameters; raises `ApiError` when the amount is too small."""
    if "customer" in params:
        find_customer(call, params["customer"], status=400, param="customer")
    least = minimum_amount(params["currency"])
    if params["amount"] < least:
        raise ApiError(
            f"Amount must be at least {least / 100:.2f} {params['currency']}", code="amount_too_small", param="amount"
        )
    if "payment_method" in params:
        params["payment_method"] = resolve_method(call, params["payment_method"])["id"]
    types = params.get("allowed_payment_method_types") or eligible_types(params["currency"])
    return new_intent(call, params["amount"], params["currency"], types, params)


def find_intent(call: Call, intent_id: str, *, status: int = 404, param: str = "intent") -> Json:
    """A payment intent by id."""
    found = call.store.find("payment_intent", intent_id)
    if found is None:
        raise no_such("payment_intent", intent_id, status=status, param=param)
    return found


def retrieve_intent(call: Call) -> Json:
    """GET /v1/payment_intents/{id}."""
    check_params(call.params, {"expand": list_of(text()), "client_secret": text()})
    return find_intent(call, call.path["id"])


def update_intent(call: Call) -> Json:
    """POST /v1/payment_intents/{id}: description, metadata and receipt address; Stripe sends no event."""
    params = check_params(call.params, _UPDATE)
    intent = find_intent(call, call.path["id"])
    params.pop("expand", None)
    if "metadata" in params:
        params["metadata"] = merge_metadata(intent["metadata"], params["metadata"])
    return change(call, intent, params)


def list_intents(call: Call) -> Json:
    """GET /v1/payment_intents, by customer."""
    params = check_params(call.params, {**LIST_PARAMS, "customer": text()})
    return list_page(call.store, "payment_intent", params, "/v1/payment_intents", equal=("customer",))
