"""Cards that are saved on a customer by the old Sources API."""

from emulators.stripe.cards import by_token
from emulators.stripe.customers import find_customer
from emulators.stripe.emulator import Call
from emulators.stripe.errors import no_such
from emulators.stripe.json_types import Json
from emulators.stripe.payment_methods import card_details
from emulators.stripe.resources import EXPAND, Resource
from emulators.stripe.schema import check_params, integer, metadata, optional, text

SOURCES = Resource(
    "card",
    "/v1/customers/{customer}/sources",
    "card",
    updates={"name": optional(text()), "exp_month": integer(1, 12), "exp_year": integer(2026, 2076)},
    event="customer.source",
)
_SHOWN = ("brand", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "wallet")


def create_source(call: Call) -> Json:
    """POST /v1/customers/{customer}/sources with a card's token."""
    params = check_params(call.params, {"source": text(), "metadata": metadata, **EXPAND}, ("source",))
    customer = find_customer(call, call.path["customer"])
    card = by_token(params["source"])
    if card is None:
        raise no_such("token", params["source"], status=400, param="source")
    details = card_details(card)
    fields: Json = {
        **{name: details[name] for name in _SHOWN},
        "customer": customer["id"],
        "metadata": params.get("metadata", {}),
        "name": None,
    }
    return SOURCES.create(call, fields)
