"""Payment intents: the objects, and reading them."""

from emulators.stripe.emulator import Call
from emulators.stripe.errors import no_such
from emulators.stripe.events import emit
from emulators.stripe.ids import new_id
from emulators.stripe.json_types import Json
from emulators.stripe.pagination import LIST_PARAMS, list_page
from emulators.stripe.schema import check_params, list_of, text


def intent_of(call: Call, session: Json) -> Json:
    """The session's payment intent, created at the first attempt to pay, as in Stripe."""
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


def cancel_intent(call: Call, intent_id: str) -> None:
    """Cancel an unpaid intent."""
    intent = find_intent(call, intent_id)
    changed = {"status": "canceled", "canceled_at": call.created, "next_action": None}
    emit(call, "payment_intent.canceled", call.store.save({**intent, **changed}))


def find_intent(call: Call, intent_id: str, *, status: int = 404, param: str = "intent") -> Json:
    """A payment intent by id."""
    found = call.store.find("payment_intent", intent_id)
    if found is None:
        raise no_such("payment_intent", intent_id, status=status, param=param)
    return found


def retrieve_intent(call: Call) -> Json:
    """GET /v1/payment_intents/{id}."""
    check_params(call.params, {"expand": list_of(text())})
    return find_intent(call, call.path["id"])


def list_intents(call: Call) -> Json:
    """GET /v1/payment_intents."""
    return list_page(call.store, "payment_intent", check_params(call.params, LIST_PARAMS), "/v1/payment_intents")
