"""The checkout page and the approval page after it; plain forms, no JavaScript."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from emulators.stripe.cards import CARDS, by_number
from emulators.stripe.confirmation import confirm_payment, finish_action
from emulators.stripe.emulator import Call, Emulator
from emulators.stripe.errors import ApiError
from emulators.stripe.forms import parse_form
from emulators.stripe.json_types import Json
from emulators.stripe.line_items import lines_of
from emulators.stripe.pages.checkout_form import check_form, method_from
from emulators.stripe.pages.render import render
from emulators.stripe.sessions import find_session

_SEE_OTHER, _CONFLICT, _UNPROCESSABLE = 303, 409, 422
Page = Callable[[Call, Request, Json], Response]


def checkout_routes(emulator: Emulator) -> list[Route]:
    """GET and POST of the checkout page and the approval page."""
    return [
        Route("/pay/{id}", _page(emulator, show_checkout), methods=["GET"]),
        Route("/pay/{id}", _page(emulator, submit_checkout), methods=["POST"]),
        Route("/pay/{id}/approve", _page(emulator, show_approval), methods=["GET"]),
        Route("/pay/{id}/approve", _page(emulator, submit_approval), methods=["POST"]),
    ]


def _page(emulator: Emulator, page: Page) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        call = Call(emulator)
        try:
            form = parse_form((await request.body()).decode())
            session = find_session(call, request.path_params["id"])
        except (ApiError, UnicodeDecodeError) as error:
            return render("not_found.html", 404, message=str(error))
        if session["status"] != "open":
            status = 200 if request.method == "GET" else _CONFLICT
            return render("closed.html", status, session=session, back=_return_address(session))
        return page(call, request, {**session, "form": form})

    return serve


def show_checkout(call: Call, request: Request, session: Json) -> Response:
    """GET /pay/{session}; `?card=NUMBER` fills in a test card."""
    card = by_number(request.query_params.get("card", ""))
    form = {"number": card.spaced, "expiry": "12 / 34", "cvc": "123"} if card else {}
    intent = _intent(call, session)
    failure = intent["last_payment_error"] if intent else None
    return _form_page(call, session, form, notice=failure["message"] if failure and not card else None)


def submit_checkout(call: Call, _request: Request, session: Json) -> Response:
    """POST /pay/{session} with `method` and that method's fields."""
    form = session.pop("form")
    errors = check_form(form, session, datetime.fromtimestamp(call.emulator.now(), UTC))
    if errors:
        return _form_page(call, session, form, _UNPROCESSABLE, errors=errors)
    with call.store.transaction():
        try:
            intent = confirm_payment(call, session, method_from(call, form, session))
        except ApiError as error:
            declined = error
        else:
            return _redirect_after(session, intent)
    return _form_page(call, session, form, declined.status, notice=declined.message)


def show_approval(call: Call, _request: Request, session: Json) -> Response:
    """GET /pay/{session}/approve: the question of the bank, Klarna or PayPal."""
    intent = _intent(call, session)
    if intent is None or intent["status"] != "requires_action":
        return RedirectResponse(f"/pay/{session['id']}", _SEE_OTHER)
    method = call.store.find("payment_method", intent["payment_method"]) or {}
    return render("approve.html", session=session, method=method, lines=lines_of(call, session["id"]))


def submit_approval(call: Call, _request: Request, session: Json) -> Response:
    """POST /pay/{session}/approve with `outcome` `approve` or `decline`."""
    form = session.pop("form")
    with call.store.transaction():
        try:
            intent = finish_action(call, session, approved=form.get("outcome") == "approve")
        except ApiError:
            return RedirectResponse(f"/pay/{session['id']}", _SEE_OTHER)
        return _redirect_after(session, intent)


def _redirect_after(session: Json, intent: Json) -> Response:
    if intent["status"] == "requires_action":
        return RedirectResponse(f"/pay/{session['id']}/approve", _SEE_OTHER)
    return RedirectResponse(_return_address(session) or f"/pay/{session['id']}", _SEE_OTHER)


def _return_address(session: Json) -> str | None:
    address = session["success_url"] or session["return_url"]
    return address.replace("{CHECKOUT_SESSION_ID}", session["id"]) if address else None


def _intent(call: Call, session: Json) -> Json | None:
    return call.store.find("payment_intent", session["payment_intent"]) if session["payment_intent"] else None


def _form_page(
    call: Call,
    session: Json,
    form: Json,
    status: int = 200,
    *,
    errors: dict[str, str] | None = None,
    notice: str | None = None,
) -> Response:
    return render(
        "checkout.html",
        status,
        session=session,
        form=form,
        errors=errors or {},
        notice=notice,
        cards=CARDS,
        lines=lines_of(call, session["id"]),
    )
