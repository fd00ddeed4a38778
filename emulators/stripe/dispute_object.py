"""The Dispute object with the fields of the API."""

from emulators.stripe.ids import new_id
from emulators.stripe.json_types import Json

REASONS = (
    "bank_cannot_process",
    "credit_not_processed",
    "customer_initiated",
    "debit_not_authorized",
    "duplicate",
    "fraudulent",
    "general",
    "incorrect_account_details",
    "insufficient_funds",
    "product_not_received",
    "product_unacceptable",
    "subscription_canceled",
    "unrecognized",
)
EVIDENCE = (
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
)
# The time to submit evidence; card networks give 7 to 21 days.
_DAYS_TO_RESPOND = 9
_FRAUD_CODE, _OTHER_CODE = "10.4", "13.1"


def new_dispute(charge: Json, amount: int, reason: str, created: int, *, inquiry: bool = False) -> Json:
    """An open dispute or inquiry of `amount` minor units; `created` in seconds since 1970."""
    kind = charge["payment_method_details"]["type"]
    code = _FRAUD_CODE if reason == "fraudulent" else _OTHER_CODE
    details: Json = {"type": kind, kind: {}}
    if kind == "card":
        details["card"] = {
            "brand": "visa",
            "case_type": "inquiry" if inquiry else "chargeback",
            "network_reason_code": code,
        }
    return {
        "id": new_id("du"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": created,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": created + _DAYS_TO_RESPOND * 86_400,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": inquiry,
        "livemode": False,
        "metadata": {},
        "network_reason_code": code if kind == "card" else None,
        "payment_intent": charge["payment_intent"],
        "payment_method_details": details,
        "reason": reason,
        "status": "warning_needs_response" if inquiry else "needs_response",
    }
