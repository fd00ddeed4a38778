"""What every API endpoint does: check the key, decode, idempotency, one transaction, Stripe's headers."""

import base64
import binascii
import hmac
import re
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from emulators.stripe.api_faults import fail_after, refusal
from emulators.stripe.config import API_VERSION
from emulators.stripe.emulator import Call, Emulator
from emulators.stripe.errors import ApiError, unauthorized
from emulators.stripe.expand import expand
from emulators.stripe.forms import parse_form
from emulators.stripe.idempotency import find_response, fingerprint, store_response
from emulators.stripe.ids import new_id
from emulators.stripe.json_types import Json
from emulators.stripe.older_versions import current_params

Handler = Callable[[Call], Json]
_VERSION = re.compile(r"^\d{4}-\d{2}-\d{2}(\.[a-z]+)?$")
_PAYMENT_REQUIRED, _SERVER_ERROR = 402, 500


def endpoint(emulator: Emulator, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """A Starlette endpoint that responds as Stripe does."""

    async def serve(request: Request) -> Response:
        headers = {"Request-Id": new_id("req", 14), "Stripe-Version": API_VERSION}
        key = request.headers.get("idempotency-key")
        if key:
            headers["Idempotency-Key"] = key
        try:
            call = await _decode(emulator, request, headers["Request-Id"], key)
            status, body, replayed = _respond(call, handler, request.method, request.url.path)
            await fail_after(call, request.method)
        except ApiError as error:
            status, body, replayed = error.status, error.body, False
        if replayed:
            headers["Idempotent-Replayed"] = "true"
        return JSONResponse(body, status, headers)

    return serve


async def _decode(emulator: Emulator, request: Request, request_id: str, key: str | None) -> Call:
    _check_key(request.headers.get("authorization", ""), emulator.config.secret_key)
    version = request.headers.get("stripe-version", API_VERSION)
    if not _VERSION.match(version):
        raise ApiError(f"Invalid Stripe API version: {version}")
    if request.method == "POST":
        try:
            raw = (await request.body()).decode()
        except UnicodeDecodeError as error:
            raise ApiError("Invalid request body: not UTF-8") from error
    else:
        raw = request.url.query
    path = {name: str(value) for name, value in request.path_params.items()}
    params = current_params(parse_form(raw), request.url.path, version)
    return Call(emulator, params, path, request_id, key if request.method == "POST" else None, version)


def _respond(call: Call, handler: Handler, method: str, path: str) -> tuple[int, Json, bool]:
    with call.store.transaction():
        request_hash = fingerprint(method, path, call.params)
        if call.idempotency_key and (stored := find_response(call, request_hash)):
            return *stored, True
        if refused := refusal(call):
            # As in Stripe, the same key gets a server error again; a refusal before the work is not kept.
            if call.idempotency_key and refused.status >= _SERVER_ERROR:
                store_response(call, request_hash, refused.status, refused.body)
            return refused.status, refused.body, False
        try:
            status, body = 200, expand(call, handler(call))
        except ApiError as error:
            # A declined card is a result: it is committed, and the same key gets the same response again.
            if error.status != _PAYMENT_REQUIRED:
                raise
            status, body = error.status, error.body
        if call.idempotency_key:
            store_response(call, request_hash, status, body)
        return status, body, False


def _check_key(header: str, secret_key: str) -> None:
    scheme, _, given = header.partition(" ")
    if scheme.lower() == "basic":
        try:
            given = base64.b64decode(given, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError) as error:
            raise unauthorized("Invalid basic authorization.") from error
    elif scheme.lower() != "bearer":
        given = ""
    if not given:
        raise unauthorized(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using"
            " Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
        )
    if not hmac.compare_digest(given.encode(), secret_key.encode()):
        raise unauthorized(f"Invalid API Key provided: {given[:8]}{'*' * 8}{given[-4:]}")
