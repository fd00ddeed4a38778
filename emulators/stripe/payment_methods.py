"""Payment methods: a card by token, or a wallet or bank debit by type."""

from emulators.stripe.cards import Card, by_token
from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError, missing, no_such
from emulators.stripe.ids import new_id
from emulators.stripe.json_types import Json
from emulators.stripe.schema import check_params, choice, email, fields, list_of, metadata, text

REDIRECT_TYPES = ("klarna", "paypal")
TYPES = ("card", "klarna", "paypal", "sepa_debit")
_KLARNA_CURRENCIES = ("sek", "nok", "dkk", "eur", "gbp", "usd", "chf", "pln", "czk", "cad", "aud", "nzd", "ron")
ADDRESS = fields({name: text() for name in ("line1", "line2", "postal_code", "city", "state", "country")})
BILLING = fields({"email": email, "name": text(), "phone": text(), "address": ADDRESS})
_CREATE = {
    "type": choice(*TYPES),
    "card": fields({"token": text()}, ("token",)),
    "klarna": fields({}),
    "paypal": fields({}),
    "sepa_debit": fields({"iban": text(34)}, ("iban",)),
    "billing_details": BILLING,
    "metadata": metadata,
    "expand": list_of(text()),
}


def eligible_types(currency: str) -> list[str]:
    """The payment method types the emulated account accepts in that currency (lower case)."""
    return [kind for kind in TYPES if kind != "klarna" or currency in _KLARNA_CURRENCIES]


def create_payment_method(call: Call) -> Json:
    """POST /v1/payment_methods; a card needs a token; a raw number is refused, as on a real account."""
    card = call.params.get("card")
    if isinstance(card, dict) and "number" in card:
        raise ApiError(
            "Sending credit card numbers directly to the Stripe API is generally unsafe. Use a test token"
            " such as tok_visa instead.",
            param="card[number]",
            status=402,
            kind="card_error",
        )
    params = check_params(call.params, _CREATE, ("type",))
    kind = params["type"]
    if kind in ("card", "sepa_debit") and kind not in params:
        raise missing(kind)
    details: Json = {}
    if kind == "card":
        known = by_token(params["card"]["token"])
        if known is None:
            raise no_such("token", params["card"]["token"], status=400, param="card[token]")
        details = card_details(known)
    elif kind == "sepa_debit":
        details = debit_details(params[kind]["iban"])
    method = new_method(call, kind, details, params.get("billing_details", {}))
    return call.store.save({**method, "metadata": params.get("metadata", {})})


def card_details(card: Card) -> Json:
    """The card fields that Stripe shows."""
    return {
        "brand": "visa",
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "country": "US",
        "display_brand": "visa",
        "exp_month": 12,
        "exp_year": 2034,
        "fingerprint": f"emulated{card.last4}",
        "funding": "credit",
        "last4": card.last4,
        "networks": {"available": ["visa"], "preferred": None},
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def debit_details(iban: str) -> Json:
    """The bank debit fields that Stripe shows."""
    return {"country": iban[:2], "last4": iban[-4:]}


def new_method(call: Call, kind: str, details: Json, billing: Json) -> Json:
    """A saved payment method of any type."""
    address: Json = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    method: Json = {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {
            "address": {**address, **billing.get("address", {})},
            "email": billing.get("email"),
            "name": billing.get("name"),
            "phone": billing.get("phone"),
            "tax_id": None,
        },
        kind: details,
        "created": call.created,
        "customer": None,
        "livemode": False,
        "metadata": {},
        "type": kind,
    }
    return call.store.save(method)


def resolve_method(call: Call, name: str, param: str = "payment_method") -> Json:
    """A payment method by id, or a new one from a `pm_card_…` name."""
    found = call.store.find("payment_method", name)
    if found:
        return found
    card = by_token(name) if name.startswith("pm_card_") else None
    if card is None:
        raise no_such("PaymentMethod", name, status=400, param=param)
    return new_method(call, "card", card_details(card), {})
