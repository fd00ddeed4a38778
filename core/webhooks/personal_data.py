"""Remove personal data from what the payment provider sends: names, addresses, and details of cards and banks."""

import json
from typing import Final, cast

# The members of Stripe's objects that describe a person, wherever they stand in an event. `name` is a product's name
# too, which the order keeps. Source: https://docs.stripe.com/api (checkout sessions, payment intents, charges,
# disputes, customers, refunds).
PERSONAL: Final = frozenset({
    "address", "billing_address", "billing_details", "business_name", "city", "client_secret", "collected_information",
    "custom_fields", "customer_account", "customer_communication", "customer_details", "customer_email",
    "customer_email_address", "customer_name", "customer_purchase_ip", "customer_signature", "description", "email",
    "evidence", "individual_name", "ip", "ip_address", "last_payment_error", "line1", "line2", "name", "next_action",
    "owner", "payment_method_details", "phone", "postal_code", "receipt_email", "receipt_url", "shipping",
    "shipping_address", "shipping_details", "source", "statement_descriptor", "tax_ids", "url", "verified_name",
})  # fmt: skip
# Says of a stored body that it is not what was signed any more.
MARK: Final = "aula_redacted"


def without_personal_data(value: object) -> object:
    """A copy of a JSON value in which every member of PERSONAL is null."""
    if isinstance(value, dict):
        members = cast("dict[str, object]", value)
        return {name: None if name in PERSONAL else without_personal_data(one) for name, one in members.items()}
    if isinstance(value, list):
        return [without_personal_data(one) for one in cast("list[object]", value)]
    return value


def redacted_body(body: str) -> str:
    """The body of an event without personal data, marked by MARK; half a surrogate pair stays an escape."""
    event = cast("dict[str, object]", without_personal_data(json.loads(body)))
    return json.dumps({**event, MARK: True})
