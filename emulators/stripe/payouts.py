"""Payouts to the bank and top-ups from it; both move the balance at once."""

from emulators.stripe.balance import available_amount
from emulators.stripe.balance_transactions import new_transaction
from emulators.stripe.currencies import MAX_AMOUNT, currency
from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError
from emulators.stripe.events import change
from emulators.stripe.json_types import Json
from emulators.stripe.resources import EXPAND, Resource
from emulators.stripe.schema import check_params, integer, metadata, text

PAYOUTS = Resource("payout", "/v1/payouts", "po")
TOPUPS = Resource("topup", "/v1/topups", "tu")
_CREATE = {
    "amount": integer(1, MAX_AMOUNT),
    "currency": currency,
    "description": text(),
    "metadata": metadata,
    "statement_descriptor": text(22),
    **EXPAND,
}


def create_payout(call: Call) -> Json:
    """POST /v1/payouts of at most what is available; `amount` in minor units."""
    params = _params(call)
    if params["amount"] > available_amount(call, params["currency"]):
        raise ApiError(
            "You have insufficient funds in your Stripe account for this transfer.",
            code="balance_insufficient",
            param="amount",
        )
    unset = ("application_fee", "application_fee_amount", "description", "destination", "failure_balance_transaction")
    fields: Json = {
        **dict.fromkeys((*unset, "failure_code", "failure_message", "original_payout", "reversed_by", "trace_id")),
        "arrival_date": call.created,
        "automatic": False,
        "balance_transaction": None,
        "method": "standard",
        "reconciliation_status": "not_applicable",
        "source_type": "card",
        "statement_descriptor": None,
        "status": "pending",
        "type": "bank_account",
        **params,
    }
    payout = PAYOUTS.create(call, fields)
    transaction = new_transaction(call, "payout", payout, -payout["amount"])
    return change(call, payout, {"balance_transaction": transaction["id"], "status": "paid"}, "payout.paid")


def create_topup(call: Call) -> Json:
    """POST /v1/topups; `amount` in minor units."""
    unset = ("balance_transaction", "description", "failure_code", "failure_message", "payment_method", "source")
    fields: Json = {
        **dict.fromkeys((*unset, "statement_descriptor", "transfer_group")),
        "expected_availability_date": call.created,
        "initiated_by": "user",
        "status": "pending",
        **_params(call),
    }
    topup = TOPUPS.create(call, fields)
    transaction = new_transaction(call, "topup", topup, topup["amount"])
    return change(call, topup, {"balance_transaction": transaction["id"], "status": "succeeded"}, "topup.succeeded")


def _params(call: Call) -> Json:
    params = check_params(call.params, _CREATE, ("amount", "currency"))
    params.pop("expand", None)
    return params
