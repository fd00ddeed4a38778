"""`POST /webhooks/stripe` and `/webhooks/livekit`: verify, store, answer. The work is a job.

The busiest endpoints. They are served before FastAPI's middleware and routing, to save their cost.
"""

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, Final, NamedTuple

import structlog
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.app_state import AppState
from api.intake import StoreUnavailable
from api.problems import MethodNotAllowed, problem_response
from api.refusals import responses_of
from core.ports.webhooks import SignatureInvalid, WebhookVerifier
from core.problems import InputInvalid, Problem
from core.webhooks.new_event import LARGEST_BODY, NewEvent
from core.webhooks.parse import read_stripe_event
from core.webhooks.room_events import read_room_event

_RECEIVED: Final = Response(b'{"received":true}', media_type="application/json")

log = structlog.get_logger("webhooks")


class SignatureRefused(Problem):
    """The signature is missing, wrong or too old."""

    code = "signature_invalid"
    title = "The signature is not valid."
    status = 400


class EventInvalid(Problem):
    """The body is signed, but it is not an event."""

    code = "event_invalid"
    title = "The body is not an event."
    status = 400


class EventTooLarge(Problem):
    """The body is larger than an event may be."""

    code = "event_too_large"
    title = "The event is too large."
    status = 413


class NotStored(Problem):
    """The event could not be stored; the sender should deliver it again."""

    code = "not_stored"
    title = "The event could not be stored."
    status = 503


class _Sender(NamedTuple):
    """Who delivers to a path: the header that proves it, and what reads the body."""

    header: str
    verifier: Callable[[AppState], WebhookVerifier]
    read: Callable[[bytes], NewEvent]


_SENDERS: Final[Mapping[str, _Sender]] = {
    "/webhooks/stripe": _Sender("Stripe-Signature", attrgetter("verifier"), read_stripe_event),
    "/webhooks/livekit": _Sender("Authorization", attrgetter("room_verifier"), read_room_event),
}


def is_delivery(scope: Scope) -> bool:
    """Whether a connection is a request to a webhook endpoint."""
    return scope["type"] == "http" and scope["path"] in _SENDERS


async def serve(state: AppState, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one delivery."""
    try:
        answer = await _answer(state, scope, receive)
    except ClientDisconnect:
        return
    await answer(scope, receive, send)


async def _answer(state: AppState, scope: Scope, receive: Receive) -> Response:
    try:
        await _receive(state, scope, receive)
    except Problem as problem:
        state.scraper.metrics.count_delivery(problem.code)
        log.warning("delivery refused", code=problem.code, detail=problem.detail)
        answer = problem_response(problem)
        if isinstance(problem, MethodNotAllowed):
            answer.headers["Allow"] = "POST"
        return answer
    except Exception:
        state.scraper.metrics.count_delivery("failed")
        log.exception("delivery failed")
        return problem_response(NotStored("Deliver it again later.", retry_after=30))
    state.scraper.metrics.count_delivery("stored")
    return _RECEIVED


async def _receive(state: AppState, scope: Scope, receive: Receive) -> None:
    if scope["method"] != "POST":
        raise MethodNotAllowed(f"{scope['method']} is not allowed here.")
    sender, headers = _SENDERS[scope["path"]], dict[bytes, bytes](scope["headers"])
    signature = headers.get(sender.header.lower().encode(), b"").decode("latin-1")
    body = await _body(headers.get(b"content-length", b""), receive)
    try:
        sender.verifier(state).verify(body, signature, state.clock())
        event = sender.read(body)
    except SignatureInvalid as error:
        raise SignatureRefused(f"{sender.header}: {error}.", field=sender.header) from error
    except InputInvalid as error:
        raise EventInvalid(error.detail, field=error.field) from error
    try:
        await state.intake.store(event)
    except StoreUnavailable as error:
        raise NotStored("The database cannot be reached. Deliver it again later.", retry_after=30) from error


async def _body(content_length: bytes, receive: Receive) -> bytes:
    _check_size(int(content_length) if content_length.isdigit() else 0)
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        more = message.get("more_body", False)
        _check_size(len(body))
    return bytes(body)


def _check_size(size: int) -> None:
    if size > LARGEST_BODY:
        raise EventTooLarge(f"An event may have up to {LARGEST_BODY} bytes.", field="body")


def _documented(sender: str, header: str) -> Mapping[str, Any]:
    return {
        "post": {
            "tags": ["webhooks"],
            "summary": f"Receive a delivery of {sender}",
            "description": f"Verifies `{header}`, stores the event and its job in one commit, and answers "
            "after the commit. A repeated delivery of an event is only counted.",
            "operationId": f"webhooks.{sender.lower()}",
            "parameters": [{"name": header, "in": "header", "required": True, "schema": {"type": "string"}}],
            "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
            "responses": {
                "200": {"description": "Stored."},
                **responses_of((SignatureRefused, EventInvalid, EventTooLarge, NotStored)),
            },
        }
    }


# FastAPI documents only its own routes.
OPENAPI: Final[Mapping[str, Any]] = {
    "/webhooks/stripe": _documented("Stripe", "Stripe-Signature"),
    "/webhooks/livekit": _documented("LiveKit", "Authorization"),
}
