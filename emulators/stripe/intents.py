"""Payment intents and charges: the objects, and reading them."""

from emulators.stripe.emulator import Call
from emulators.stripe.errors import no_such
from emulators.stripe.events import emit
from emulators.stripe.ids import new_id
from emulators.stripe.json_types import Json
from emulators.stripe.lists import PAGE, page
from emulators.stripe.schema import check_params, each, text


def intent_of(call: Call, session: Json) -> Json:
    """The session's payment intent, made at the first attempt to pay, as in Stripe."""
    if session["payment_intent"]:
        return find_intent(call, session["payment_intent"])
    data = call.store.find("intent_data", f"{session['id']}_intent") or {}
    intent_id = new_id("pi")
    intent = call.store.save(
        {
            "id": intent_id,
            "object": "payment_intent",
            "amount": session["amount_total"],
            "amount_capturable": 0,
            "amount_details": {"tip": {}},
            "amount_received": 0,
            "application": None,
            "automatic_payment_methods": None,
            "canceled_at": None,
            "cancellation_reason": None,
            "capture_method": "automatic_async",
            "client_secret": f"{intent_id}_{new_id('secret', 25)}",
            "confirmation_method": "automatic",
            "created": call.created,
            "currency": session["currency"],
            "customer": session["customer"],
            "description": data.get("description"),
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "metadata": data.get("metadata", {}),
            "next_action": None,
            "on_behalf_of": None,
            "payment_method": None,
            "payment_method_options": {},
            "payment_method_types": session["payment_method_types"],
            "processing": None,
            "receipt_email": data.get("receipt_email"),
            "setup_future_usage": data.get("setup_future_usage"),
            "shipping": data.get("shipping"),
            "statement_descriptor": data.get("statement_descriptor"),
            "statement_descriptor_suffix": data.get("statement_descriptor_suffix"),
            "status": "requires_payment_method",
            "transfer_data": None,
            "transfer_group": data.get("transfer_group"),
        }
    )
    emit(call, "payment_intent.created", intent)
    call.store.save({**session, "payment_intent": intent_id})
    return intent


def new_charge(call: Call, intent: Json, method: Json, failure: Json | None = None) -> Json:
    """A charge of the whole intent, succeeded, or failed with `failure`'s code and message."""
    charge_id = new_id("ch")
    paid = failure is None
    charge: Json = {
        "id": charge_id,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if paid else 0,
        "amount_refunded": 0,
        "application": None,
        "balance_transaction": new_id("txn") if paid else None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "AULA",
        "captured": paid,
        "created": call.created,
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
        "outcome": _outcome(failure),
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
        "status": "succeeded" if paid else "failed",
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


def cancel_intent(call: Call, intent_id: str) -> None:
    """Cancel what was not paid."""
    intent = find_intent(call, intent_id)
    changed = {"status": "canceled", "canceled_at": call.created, "next_action": None}
    emit(call, "payment_intent.canceled", call.store.save({**intent, **changed}))


def find_intent(call: Call, intent_id: str, *, status: int = 404, param: str = "intent") -> Json:
    """A payment intent by id."""
    found = call.store.find("payment_intent", intent_id)
    if found is None:
        raise no_such("payment_intent", intent_id, status=status, param=param)
    return found


def find_charge(call: Call, charge_id: str, *, status: int = 404, param: str = "id") -> Json:
    """A charge by id."""
    found = call.store.find("charge", charge_id)
    if found is None:
        raise no_such("charge", charge_id, status=status, param=param)
    return found


def retrieve_intent(call: Call) -> Json:
    """GET /v1/payment_intents/{id}."""
    check_params(call.params, {"expand": each(text())})
    return find_intent(call, call.path["id"])


def list_intents(call: Call) -> Json:
    """GET /v1/payment_intents."""
    return page(call.store, "payment_intent", check_params(call.params, PAGE), "/v1/payment_intents")


def retrieve_charge(call: Call) -> Json:
    """GET /v1/charges/{id}."""
    check_params(call.params, {"expand": each(text())})
    return find_charge(call, call.path["id"])
