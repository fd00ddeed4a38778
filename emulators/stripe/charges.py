"""Charges: the objects, reading and updating them."""

from emulators.stripe.emulator import Call
from emulators.stripe.errors import no_such
from emulators.stripe.events import change
from emulators.stripe.ids import new_id
from emulators.stripe.json_types import Json
from emulators.stripe.pagination import LIST_PARAMS, list_page
from emulators.stripe.schema import check_params, list_of, merge_metadata, metadata, optional, text

_LIST = {**LIST_PARAMS, "customer": text(), "payment_intent": text(), "transfer_group": text()}
_UPDATE = {"description": optional(text()), "metadata": metadata, "expand": list_of(text())}


def new_charge(call: Call, intent: Json, method: Json, *, failure: Json | None = None, pending: bool = False) -> Json:
    """A charge of the whole intent: succeeded, pending, or failed with `failure`'s code and message.

    It replaces the intent's pending charge under the same id. With the capture method `manual` the amount is reserved,
    not captured.
    """
    before = call.store.find("charge", intent["latest_charge"]) if intent["latest_charge"] else None
    charge_id, created = new_id("ch"), call.created
    if before and before["status"] == "pending":
        charge_id, created = before["id"], before["created"]
    paid = failure is None and not pending
    captured = paid and intent["capture_method"] != "manual"
    charge: Json = {
        "id": charge_id,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if captured else 0,
        "amount_refunded": 0,
        "application": None,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "AULA",
        "captured": captured,
        "created": created,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": failure["code"] if failure else None,
        "failure_message": failure["message"] if failure else None,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "outcome": None if pending else _outcome(failure),
        "paid": paid,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {method["type"]: method[method["type"]], "type": method["type"]},
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": f"{call.emulator.config.public_url}/receipts/{charge_id}" if paid else None,
        "refunded": False,
        "review": None,
        "shipping": intent["shipping"],
        "status": "succeeded" if paid else "pending" if pending else "failed",
        "transfer_group": intent["transfer_group"],
    }
    return call.store.save(charge)


def _outcome(failure: Json | None) -> Json:
    if failure is None:
        return {
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "risk_score": 12,
            "seller_message": "Payment complete.",
            "type": "authorized",
        }
    return {
        "network_status": "declined_by_network",
        "reason": failure.get("decline_code") or failure["code"],
        "risk_level": "normal",
        "risk_score": 12,
        "seller_message": "The bank did not return any further details with this decline.",
        "type": "issuer_declined",
    }


def find_charge(call: Call, charge_id: str, *, status: int = 404, param: str = "id") -> Json:
    """A charge by id."""
    found = call.store.find("charge", charge_id)
    if found is None:
        raise no_such("charge", charge_id, status=status, param=param)
    return found


def retrieve_charge(call: Call) -> Json:
    """GET /v1/charges/{id}."""
    check_params(call.params, {"expand": list_of(text())})
    return find_charge(call, call.path["id"])


def list_charges(call: Call) -> Json:
    """GET /v1/charges, by payment intent, customer and transfer group."""
    params = check_params(call.params, _LIST)
    return list_page(
        call.store, "charge", params, "/v1/charges", equal=("customer", "payment_intent", "transfer_group")
    )


def update_charge(call: Call) -> Json:
    """POST /v1/charges/{id}: description and metadata."""
    params = check_params(call.params, _UPDATE)
    charge = find_charge(call, call.path["id"])
    params.pop("expand", None)
    if "metadata" in params:
        params["metadata"] = merge_metadata(charge["metadata"], params["metadata"])
    return change(call, charge, params, "charge.updated")
