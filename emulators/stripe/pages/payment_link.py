"""The page of a payment link: it opens a checkout session and goes on to its page."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from emulators.stripe.emulator import Call, Emulator
from emulators.stripe.errors import ApiError
from emulators.stripe.pages.render import render
from emulators.stripe.payment_links import open_link


def payment_link_route(emulator: Emulator) -> Route:
    """GET /buy/{link}."""

    async def serve(request: Request) -> Response:
        call = Call(emulator, path={"id": request.path_params["id"]})
        try:
            with call.store.transaction():
                session = open_link(call)
        except ApiError as error:
            return render("not_found.html", error.status, message=error.message)
        return RedirectResponse(session["url"], 303)

    return Route("/buy/{id}", serve, methods=["GET"])
