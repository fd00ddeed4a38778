"""Refunds, full or partial, never more than was paid."""

from emulators.stripe.balance_transactions import new_transaction
from emulators.stripe.cards import AfterPayment, after_payment
from emulators.stripe.charges import find_charge
from emulators.stripe.disputes import has_open_or_lost_dispute
from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError, missing, no_such
from emulators.stripe.events import change, emit
from emulators.stripe.ids import new_id
from emulators.stripe.json_types import Json
from emulators.stripe.pagination import LIST_PARAMS, list_page
from emulators.stripe.payment_intents import find_intent
from emulators.stripe.refund_results import add_to_charge, cancel_refund
from emulators.stripe.schema import check_params, choice, integer, list_of, merge_metadata, metadata, text
from emulators.stripe.timers import set_timer

_CREATE = {
    "amount": integer(1, 99_999_999),
    "charge": text(),
    "payment_intent": text(),
    "metadata": metadata,
    "reason": choice("duplicate", "fraudulent", "requested_by_customer"),
    "expand": list_of(text()),
}


def create_refund(call: Call) -> Json:
    """POST /v1/refunds of a charge or a payment intent; `amount` in minor units, by default all that is left."""
    params = check_params(call.params, _CREATE)
    charge = _charge(call, params)
    if has_open_or_lost_dispute(call, charge["id"]):
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise ApiError(message, code="charge_disputed")
    left = charge["amount_captured"] - charge["amount_refunded"]
    if left == 0:
        raise ApiError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = params.get("amount", left)
    if amount > left:
        raise ApiError(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            code="amount_too_large",
            param="amount",
        )
    refund = _new_refund(call, params, charge, amount)
    emit(call, "refund.created", refund)
    add_to_charge(call, charge, amount)
    return refund


def _new_refund(call: Call, params: Json, charge: Json, amount: int) -> Json:
    kind = charge["payment_method_details"]["type"]
    later = after_payment(charge["payment_method_details"])
    pending = kind == "sepa_debit" or later == AfterPayment.REFUND_PENDING
    refund: Json = {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": call.created,
        "currency": charge["currency"],
        "destination_details": _destination(kind),
        "failure_balance_transaction": None,
        "failure_reason": None,
        "metadata": params.get("metadata", {}),
        "next_action": None,
        "payment_intent": charge["payment_intent"],
        "pending_reason": "processing" if pending else None,
        "reason": params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending" if pending else "succeeded",
        "transfer_reversal": None,
    }
    refund["balance_transaction"] = new_transaction(call, "refund", refund, -amount)["id"]
    due = call.emulator.now() + call.emulator.config.settle_after_s
    if pending:
        set_timer(call, due, "succeed_refund", refund["id"])
    elif later == AfterPayment.REFUND_FAILURE:
        set_timer(call, due, "fail_refund", refund["id"])
    return call.store.save(refund)


def _destination(kind: str) -> Json:
    if kind != "card":
        return {kind: {}, "type": kind}
    return {"card": {"reference_status": "pending", "reference_type": "acquirer_reference_number"}, "type": kind}


def _charge(call: Call, params: Json) -> Json:
    if "charge" in params:
        charge = find_charge(call, params["charge"], param="charge")
        if not charge["captured"]:
            raise ApiError(f"Charge {charge['id']} has no captured payment to refund.", param="charge")
        return charge
    if "payment_intent" not in params:
        raise missing("payment_intent")
    intent = find_intent(call, params["payment_intent"], param="payment_intent")
    if intent["status"] != "succeeded":
        raise ApiError(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            param="payment_intent",
        )
    return find_charge(call, intent["latest_charge"])


def find_refund(call: Call) -> Json:
    """The refund of the path."""
    found = call.store.find("refund", call.path["id"])
    if found is None:
        raise no_such("refund", call.path["id"])
    return found


def retrieve_refund(call: Call) -> Json:
    """GET /v1/refunds/{id}."""
    check_params(call.params, {"expand": list_of(text())})
    return find_refund(call)


def update_refund(call: Call) -> Json:
    """POST /v1/refunds/{id}: metadata only."""
    params = check_params(call.params, {"metadata": metadata, "expand": list_of(text())})
    refund = find_refund(call)
    if "metadata" not in params:
        return refund
    changes = {"metadata": merge_metadata(refund["metadata"], params["metadata"])}
    return change(call, refund, changes, "refund.updated", "charge.refund.updated")


def cancel(call: Call) -> Json:
    """POST /v1/refunds/{id}/cancel, while it waits for the buyer."""
    check_params(call.params, {"expand": list_of(text())})
    return cancel_refund(call, find_refund(call))


def list_refunds(call: Call) -> Json:
    """GET /v1/refunds, optionally of one charge or payment intent."""
    params = check_params(call.params, {**LIST_PARAMS, "charge": text(), "payment_intent": text()})
    return list_page(call.store, "refund", params, "/v1/refunds", equal=("charge", "payment_intent"))
