"""Checkout Sessions: create, retrieve, list, expire."""

from emulators.stripe.customers import find_customer
from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError, no_such
from emulators.stripe.events import emit
from emulators.stripe.json_types import Json
from emulators.stripe.line_items import lines_of, make_lines, save_lines
from emulators.stripe.pagination import LIST_PARAMS, PAGE_PARAMS, list_page, single_page
from emulators.stripe.payment_intent_actions import cancel_intent
from emulators.stripe.schema import check_params, choice, list_of, text
from emulators.stripe.session_object import new_session
from emulators.stripe.session_params import check_session
from emulators.stripe.timers import set_timer

_LIST = {
    **LIST_PARAMS,
    "status": choice("complete", "expired", "open"),
    "payment_intent": text(),
    "customer": text(),
}


def create_session(call: Call) -> Json:
    """POST /v1/checkout/sessions."""
    params = check_session(call.params, call.created)
    if "customer" in params:
        find_customer(call, params["customer"], status=400, param="customer")
    lines = make_lines(call, params["line_items"])
    session = new_session(params, lines, call.created, call.emulator.config.public_url)
    if not session["payment_method_types"]:
        raise ApiError("No valid payment method types for this Checkout Session.", param="allowed_payment_method_types")
    save_lines(call, session["id"], lines)
    call.store.save({"id": f"{session['id']}_intent", "object": "intent_data", **params.get("payment_intent_data", {})})
    set_timer(call, session["expires_at"], "expire", session["id"])
    return call.store.save(session)


def find_session(call: Call, session_id: str) -> Json:
    """A session by its id."""
    session = call.store.find("checkout.session", session_id)
    if session is None:
        raise no_such("checkout.session", session_id)
    return session


def retrieve_session(call: Call) -> Json:
    """GET /v1/checkout/sessions/{id}."""
    check_params(call.params, {"expand": list_of(text())})
    return find_session(call, call.path["id"])


def list_sessions(call: Call) -> Json:
    """GET /v1/checkout/sessions."""
    params = check_params(call.params, _LIST)
    equal = ("status", "payment_intent", "customer")
    return list_page(call.store, "checkout.session", params, "/v1/checkout/sessions", equal=equal)


def list_lines(call: Call) -> Json:
    """GET /v1/checkout/sessions/{id}/line_items."""
    check_params(call.params, PAGE_PARAMS)
    session = find_session(call, call.path["id"])
    return single_page(lines_of(call, session["id"]), f"/v1/checkout/sessions/{session['id']}/line_items")


def expire_session(call: Call) -> Json:
    """POST /v1/checkout/sessions/{id}/expire; only an open session can be expired."""
    check_params(call.params, {"expand": list_of(text())})
    session = find_session(call, call.path["id"])
    if session["status"] != "open":
        raise ApiError(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status'
            f" of `{session['status']}`."
        )
    return close_session(call, session)


def close_session(call: Call, session: Json) -> Json:
    """Expire an open session and cancel its payment intent."""
    closed = call.store.save({**session, "status": "expired", "url": None})
    if session["payment_intent"]:
        cancel_intent(call, session["payment_intent"])
    emit(call, "checkout.session.expired", closed)
    return closed
