"""The Checkout Session object with every field of the API."""

import copy

from emulators.stripe.ids import new_id
from emulators.stripe.json_types import Json
from emulators.stripe.payment_methods import eligible_types

# Fields of features that are not emulated.
_ABSENT = (
    "after_expiration",
    "allow_promotion_codes",
    "billing_address_collection",
    "consent",
    "consent_collection",
    "currency_conversion",
    "customer_account",
    "invoice",
    "invoice_creation",
    "origin_context",
    "payment_link",
    "payment_method_configuration_details",
    "permissions",
    "presentment_details",
    "recovered_from",
    "saved_payment_method_options",
    "setup_intent",
    "shipping_address_collection",
    "shipping_cost",
    "subscription",
    "wallet_options",
)
_CONSTANT: Json = {
    **dict.fromkeys(_ABSENT),
    "adaptive_pricing": {"enabled": False},
    "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
    "collected_information": {"business_name": None, "individual_name": None, "shipping_details": None},
    "custom_fields": [],
    "custom_text": dict.fromkeys(("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")),
    "discounts": [],
    "livemode": False,
    "payment_method_collection": "if_required",
    "payment_method_options": {},
    "shipping_options": [],
    "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
}


def new_session(params: Json, lines: list[Json], created: int, public_url: str) -> Json:
    """An open session; times in seconds since 1970."""
    session_id = new_id("cs_test", 58)
    currency = lines[0]["currency"]
    amount = sum(line["amount_total"] for line in lines)
    hosted = params["ui_mode"] == "hosted_page"
    allowed = params.get("allowed_payment_method_types")
    return {
        **copy.deepcopy(_CONSTANT),
        "id": session_id,
        "object": "checkout.session",
        "allowed_payment_method_types": allowed,
        "amount_subtotal": amount,
        "amount_total": amount,
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "client_secret": None if hosted else f"{session_id}_{new_id('secret', 40)}",
        "created": created,
        "currency": currency,
        "customer": params.get("customer"),
        "customer_creation": params.get("customer_creation", "if_required"),
        "customer_details": _details(params.get("customer_email")),
        "customer_email": params.get("customer_email"),
        "expires_at": params["expires_at"],
        "locale": params.get("locale"),
        "metadata": params.get("metadata", {}),
        "mode": params["mode"],
        "payment_intent": None,
        "payment_method_types": [kind for kind in eligible_types(currency) if not allowed or kind in allowed],
        "payment_status": "unpaid",
        "phone_number_collection": params.get("phone_number_collection", {"enabled": False}),
        "redirect_on_completion": None if hosted else params.get("redirect_on_completion", "always"),
        "return_url": params.get("return_url"),
        "status": "open",
        "submit_type": params.get("submit_type"),
        "success_url": params.get("success_url"),
        "ui_mode": params["ui_mode"],
        "url": f"{public_url}/pay/{session_id}" if hosted else None,
    }


def _details(email: str | None) -> Json | None:
    return customer_details(email, None) if email else None


def customer_details(email: str | None, name: str | None) -> Json:
    """The `customer_details` of a session."""
    return {
        "address": {
            **dict.fromkeys(("city", "line1", "line2", "postal_code", "state")),
            "country": "SE",
        },
        "business_name": None,
        "email": email,
        "individual_name": None,
        "name": name,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [],
    }
