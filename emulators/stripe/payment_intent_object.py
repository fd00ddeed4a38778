"""The PaymentIntent object with the fields of the API."""

from emulators.stripe.emulator import Call
from emulators.stripe.events import emit
from emulators.stripe.ids import new_id
from emulators.stripe.json_types import Json


def new_intent(call: Call, amount: int, currency: str, types: list[str], data: Json) -> Json:
    """A saved intent of `amount` minor units; `data` holds the optional fields."""
    intent_id = new_id("pi")
    intent = call.store.save(
        {
            "id": intent_id,
            "object": "payment_intent",
            "amount": amount,
            "amount_capturable": 0,
            "amount_details": {"tip": {}},
            "amount_received": 0,
            "application": None,
            "automatic_payment_methods": data.get("automatic_payment_methods"),
            "canceled_at": None,
            "cancellation_reason": None,
            "capture_method": data.get("capture_method", "automatic_async"),
            "client_secret": f"{intent_id}_{new_id('secret', 25)}",
            "confirmation_method": data.get("confirmation_method", "automatic"),
            "created": call.created,
            "currency": currency,
            "customer": data.get("customer"),
            "description": data.get("description"),
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "metadata": data.get("metadata", {}),
            "next_action": None,
            "on_behalf_of": None,
            "payment_method": data.get("payment_method"),
            "payment_method_options": {},
            "payment_method_types": types,
            "processing": None,
            "receipt_email": data.get("receipt_email"),
            "setup_future_usage": data.get("setup_future_usage"),
            "shipping": data.get("shipping"),
            "statement_descriptor": data.get("statement_descriptor"),
            "statement_descriptor_suffix": data.get("statement_descriptor_suffix"),
            "status": "requires_confirmation" if data.get("payment_method") else "requires_payment_method",
            "transfer_data": None,
            "transfer_group": data.get("transfer_group"),
        }
    )
    emit(call, "payment_intent.created", intent)
    return intent


def intent_of(call: Call, session: Json) -> Json:
    """The session's payment intent, created at the first attempt to pay, as in Stripe."""
    found = call.store.find("payment_intent", session["payment_intent"]) if session["payment_intent"] else None
    if found:
        return found
    data = call.store.find("intent_data", f"{session['id']}_intent") or {}
    data = {**data, "customer": session["customer"]}
    types = session["payment_method_types"]
    intent = new_intent(call, session["amount_total"], session["currency"], types, data)
    call.store.save({**session, "payment_intent": intent["id"]})
    return intent
