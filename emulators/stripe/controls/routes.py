"""The controls' paths and their handlers."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.stripe.controls import deliveries, faults, payments
from emulators.stripe.emulator import Call, Emulator
from emulators.stripe.errors import ApiError
from emulators.stripe.forms import parse_form
from emulators.stripe.json_types import Json

Control = Callable[[Call], Json]
READ: dict[str, Control] = {"/deliveries": deliveries.list_deliveries, "/faults": faults.show_faults}
WRITE: dict[str, Control] = {
    "/faults": faults.set_faults,
    "/deliveries/pause": deliveries.pause,
    "/deliveries/resume": deliveries.resume,
    "/events/{id}/resend": deliveries.resend,
    "/events/{id}/repeat": deliveries.repeat,
    "/sessions/{id}/pay": payments.pay_session,
    "/sessions/{id}/expire": payments.expire_session,
    "/sessions/{id}/settle": payments.settle_session,
    "/payment_intents/{id}/settle": payments.settle_intent,
    "/charges/{id}/refund": payments.refund_charge,
    "/charges/{id}/dispute": payments.dispute_charge,
    "/charges/{id}/warn": payments.warn_about_charge,
    "/refunds/{id}/settle": payments.settle_refund,
    "/disputes/{id}/settle": payments.settle_dispute,
}


def control_routes(emulator: Emulator) -> list[Route]:
    """Every control; all return JSON and need no key."""
    return [
        Route(f"/_emulator{path}", _endpoint(emulator, control), methods=[method])
        for method, table in (("GET", READ), ("POST", WRITE))
        for path, control in table.items()
    ]


def run_control(emulator: Emulator, control: Control, params: Json, path: dict[str, str]) -> Json:
    """Run a control in one transaction; raises `ApiError`."""
    # A declined card is a result of `pay`: the failed attempt is committed, as in the API.
    declined: ApiError | None = None
    with emulator.store.transaction():
        try:
            return control(Call(emulator, params, path))
        except ApiError as error:
            if error.status != 402:  # noqa: PLR2004 - HTTP 402, payment required
                raise
            declined = error
    raise declined


def _endpoint(emulator: Emulator, control: Control) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        raw = (await request.body()).decode(errors="replace") if request.method == "POST" else request.url.query
        path = {name: str(value) for name, value in request.path_params.items()}
        try:
            return JSONResponse(run_control(emulator, control, parse_form(raw), path))
        except ApiError as error:
            return JSONResponse(error.body, error.status)

    return serve
