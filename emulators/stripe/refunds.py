"""Refunds, full or partial, never more than was paid."""

from emulators.stripe.charges import find_charge
from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError, missing, no_such
from emulators.stripe.events import emit
from emulators.stripe.ids import new_id
from emulators.stripe.json_types import Json
from emulators.stripe.pagination import LIST_PARAMS, list_page
from emulators.stripe.payment_intents import find_intent
from emulators.stripe.schema import check_params, choice, integer, list_of, metadata, text

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
    refund = call.store.save(
        {
            "id": new_id("re"),
            "object": "refund",
            "amount": amount,
            "balance_transaction": new_id("txn"),
            "charge": charge["id"],
            "created": call.created,
            "currency": charge["currency"],
            "destination_details": {"type": charge["payment_method_details"]["type"]},
            "metadata": params.get("metadata", {}),
            "payment_intent": charge["payment_intent"],
            "reason": params.get("reason"),
            "receipt_number": None,
            "source_transfer_reversal": None,
            "status": "succeeded",
            "transfer_reversal": None,
        }
    )
    refunded = charge["amount_refunded"] + amount
    changed = {"amount_refunded": refunded, "refunded": refunded == charge["amount_captured"]}
    previous = {name: charge[name] for name in changed if charge[name] != changed[name]}
    emit(call, "refund.created", refund)
    emit(call, "charge.refunded", call.store.save({**charge, **changed}), previous)
    return refund


def _charge(call: Call, params: Json) -> Json:
    if "charge" in params:
        return find_charge(call, params["charge"], param="charge")
    if "payment_intent" not in params:
        raise missing("payment_intent")
    intent = find_intent(call, params["payment_intent"], param="payment_intent")
    if intent["status"] != "succeeded":
        raise ApiError(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            param="payment_intent",
        )
    return find_charge(call, intent["latest_charge"])


def retrieve_refund(call: Call) -> Json:
    """GET /v1/refunds/{id}."""
    check_params(call.params, {"expand": list_of(text())})
    found = call.store.find("refund", call.path["id"])
    if found is None:
        raise no_such("refund", call.path["id"])
    return found


def list_refunds(call: Call) -> Json:
    """GET /v1/refunds, optionally of one charge or payment intent."""
    params = check_params(call.params, {**LIST_PARAMS, "charge": text(), "payment_intent": text()})
    where, values = "", list[object]()
    for name in ("charge", "payment_intent"):
        if name in params:
            where += f" and json_extract(body, '$.{name}') = ?"
            values.append(params[name])
    return list_page(call.store, "refund", params, "/v1/refunds", where, *values)
