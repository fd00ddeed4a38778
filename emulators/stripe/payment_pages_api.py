"""/v1/payment_pages: the API that Stripe's checkout page and the CLI's `trigger` call."""

from emulators.stripe.confirmation import confirm_payment
from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError
from emulators.stripe.json_types import Json
from emulators.stripe.payment_methods import resolve_method
from emulators.stripe.schema import check_params, integer, text
from emulators.stripe.sessions import find_session

_CONFIRM = {"payment_method": text(), "expected_amount": integer(0, 2**40), "key": text(), "eid": text()}


def retrieve_page(call: Call) -> Json:
    """GET /v1/payment_pages/{session}."""
    return _page(call)


def confirm_page(call: Call) -> Json:
    """POST /v1/payment_pages/{session}/confirm with `payment_method` and `expected_amount` (minor units)."""
    params = check_params(call.params, _CONFIRM, ("payment_method",))
    session = find_session(call, call.path["id"])
    expected = params.get("expected_amount", session["amount_total"])
    if expected != session["amount_total"]:
        raise ApiError(
            "The expected amount does not match the Checkout Session's amount.",
            code="checkout_amount_mismatch",
            param="expected_amount",
        )
    confirm_payment(call, session, resolve_method(call, params["payment_method"]))
    return _page(call)


def _page(call: Call) -> Json:
    session = find_session(call, call.path["id"])
    intent = session["payment_intent"]
    return {
        **session,
        "session_id": session["id"],
        "payment_intent": call.store.find("payment_intent", intent) if intent else None,
    }
