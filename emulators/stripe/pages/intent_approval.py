"""The approval page of a payment intent that has no Checkout Session."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from emulators.stripe.emulator import Call, Emulator
from emulators.stripe.errors import ApiError
from emulators.stripe.forms import parse_form
from emulators.stripe.json_types import Json
from emulators.stripe.pages.render import render
from emulators.stripe.payment_attempts import answer_action
from emulators.stripe.payment_intents import find_intent

_CONFLICT = 409


def intent_approval_routes(emulator: Emulator) -> list[Route]:
    """GET and POST of the page."""
    path = "/payment_intents/{id}/approve"
    return [
        Route(path, _page(emulator, _show), methods=["GET"]),
        Route(path, _page(emulator, _answer), methods=["POST"]),
    ]


def _page(emulator: Emulator, page: Callable[[Call, Json, Json], Response]) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        call = Call(emulator)
        try:
            form = parse_form((await request.body()).decode())
            intent = find_intent(call, request.path_params["id"])
        except (ApiError, UnicodeDecodeError) as error:
            return render("not_found.html", 404, message=str(error))
        if intent["status"] != "requires_action":
            return render("not_found.html", _CONFLICT, message="This payment does not wait for approval.")
        return page(call, intent, form)

    return serve


def _show(call: Call, intent: Json, _form: Json) -> Response:
    method = call.store.find("payment_method", intent["payment_method"]) or {}
    payment = {"amount_total": intent["amount"], "currency": intent["currency"]}
    lines = [{"description": intent["description"] or intent["id"]}]
    return render("approve.html", session=payment, method=method, lines=lines)


def _answer(call: Call, intent: Json, form: Json) -> Response:
    back = intent["next_action"]["redirect_to_url"]["return_url"]
    with call.store.transaction():
        try:
            answer_action(call, intent, approved=form.get("outcome") == "approve")
        except ApiError:
            status = "failed"
        else:
            status = "succeeded"
    if back is None:
        return RedirectResponse("/", 303)
    query = urlencode(
        {
            "payment_intent": intent["id"],
            "payment_intent_client_secret": intent["client_secret"],
            "redirect_status": status,
        }
    )
    return RedirectResponse(f"{back}{'&' if '?' in back else '?'}{query}", 303)
