"""The page on which a person pays a session, and the ones it sends them through; plain forms, no script."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from emulators.stripe.cards import CARDS, by_number
from emulators.stripe.emulator import Call, Emulator
from emulators.stripe.errors import ApiError
from emulators.stripe.forms import parse_form
from emulators.stripe.json_types import Json
from emulators.stripe.line_items import lines_of
from emulators.stripe.pages import render
from emulators.stripe.pay_form import check_form, method_from
from emulators.stripe.payments import authorize, pay
from emulators.stripe.sessions import find_session

_SEE_OTHER, _PAYMENT_REQUIRED, _UNPROCESSABLE, _CONFLICT = 303, 402, 422, 409
Page = Callable[[Call, Request, Json], Response]


def pay_routes(emulator: Emulator) -> list[Route]:
    """GET and POST of the pay page and of the approval page."""
    return [
        Route("/pay/{id}", _page(emulator, show_pay_page), methods=["GET"]),
        Route("/pay/{id}", _page(emulator, take_payment), methods=["POST"]),
        Route("/pay/{id}/approve", _page(emulator, show_approval), methods=["GET"]),
        Route("/pay/{id}/approve", _page(emulator, take_approval), methods=["POST"]),
    ]


def _page(emulator: Emulator, page: Page) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        call = Call(emulator)
        try:
            form = parse_form((await request.body()).decode())
            session = find_session(call, request.path_params["id"])
        except (ApiError, UnicodeDecodeError) as error:
            return render("missing.html", 404, message=str(error))
        if session["status"] != "open":
            status = 200 if request.method == "GET" else _CONFLICT
            return render("closed.html", status, session=session, back=_back(session))
        return page(call, request, {**session, "form": form})

    return serve


def show_pay_page(call: Call, request: Request, session: Json) -> Response:
    """GET /pay/{session}; `?card=NUMBER` fills the form in with a test card."""
    card = by_number(request.query_params.get("card", ""))
    form = {"number": card.spaced, "expiry": "12 / 34", "cvc": "123"} if card else {}
    intent = _intent(call, session)
    failure = intent["last_payment_error"] if intent else None
    return _form_page(call, session, form, notice=failure["message"] if failure and not card else None)


def take_payment(call: Call, _request: Request, session: Json) -> Response:
    """POST /pay/{session} with `method` and that method's fields."""
    form = session.pop("form")
    errors = check_form(form, session, datetime.fromtimestamp(call.emulator.now(), UTC))
    if errors:
        return _form_page(call, session, form, _UNPROCESSABLE, errors=errors)
    with call.store.transaction():
        try:
            intent = pay(call, session, method_from(call, form, session))
        except ApiError as error:
            declined = error
        else:
            return _onward(session, intent)
    return _form_page(call, session, form, declined.status, notice=declined.message)


def show_approval(call: Call, _request: Request, session: Json) -> Response:
    """GET /pay/{session}/approve: what the bank, Klarna or PayPal would ask."""
    intent = _intent(call, session)
    if intent is None or intent["status"] != "requires_action":
        return RedirectResponse(f"/pay/{session['id']}", _SEE_OTHER)
    method = call.store.find("payment_method", intent["payment_method"]) or {}
    return render("approve.html", session=session, method=method, lines=lines_of(call, session["id"]))


def take_approval(call: Call, _request: Request, session: Json) -> Response:
    """POST /pay/{session}/approve with `outcome` `approve` or `decline`."""
    form = session.pop("form")
    with call.store.transaction():
        try:
            intent = authorize(call, session, approved=form.get("outcome") == "approve")
        except ApiError:
            return RedirectResponse(f"/pay/{session['id']}", _SEE_OTHER)
        return _onward(session, intent)


def _onward(session: Json, intent: Json) -> Response:
    if intent["status"] == "requires_action":
        return RedirectResponse(f"/pay/{session['id']}/approve", _SEE_OTHER)
    return RedirectResponse(_back(session) or f"/pay/{session['id']}", _SEE_OTHER)


def _back(session: Json) -> str | None:
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
        "pay.html",
        status,
        session=session,
        form=form,
        errors=errors or {},
        notice=notice,
        cards=CARDS,
        lines=lines_of(call, session["id"]),
    )
