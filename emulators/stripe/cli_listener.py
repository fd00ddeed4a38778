"""The WebSocket of `stripe listen`: sends each event to the CLI, which forwards it and reports the response."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from starlette.responses import JSONResponse
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from emulators.stripe.cli_sessions import WEBSOCKET_PATH
from emulators.stripe.config import API_VERSION
from emulators.stripe.emulator import Emulator
from emulators.stripe.ids import new_id
from emulators.stripe.json_types import Json
from emulators.stripe.signing import webhook_request

_log = logging.getLogger(__name__)
_SUBPROTOCOL = "stripecli-devproxy-v1"
_BATCH = 100
# RFC 6455, 7.4.1
_INVALID_DATA = 1007
_NEXT = "select d.id, o.body from deliveries d join objects o on o.id = d.event_id where d.id > ? order by d.id limit ?"


def listener_route(emulator: Emulator) -> WebSocketRoute:
    """The route of the WebSocket."""
    return WebSocketRoute(WEBSOCKET_PATH, _endpoint(emulator))


def _endpoint(emulator: Emulator) -> Callable[[WebSocket], Awaitable[None]]:
    async def serve(websocket: WebSocket) -> None:
        session = emulator.store.find("stripecli.session", websocket.headers.get("websocket-id", ""))
        if session is None:
            # The CLI opens a new session when it reads this message.
            body = {"error": {"message": "Unknown WebSocket ID.", "type": "invalid_request_error"}}
            await websocket.send_denial_response(JSONResponse(body, 404))
            return
        await websocket.accept(_SUBPROTOCOL)
        await _Listener(emulator, websocket, session).run()

    return serve


class _Listener:
    """One connected CLI. It gets each delivery in order, without the delays and retries of the webhook address."""

    def __init__(self, emulator: Emulator, websocket: WebSocket, session: Json) -> None:
        self._emulator = emulator
        self._websocket = websocket
        self._session = session
        self._wakeup = asyncio.Event()

    async def run(self) -> None:
        """Send events until the CLI closes the connection."""
        self._emulator.listeners.add(self._wakeup)
        sending = asyncio.create_task(self._send_events())
        try:
            await self._read_responses()
        finally:
            self._emulator.listeners.discard(self._wakeup)
            sending.cancel()
            with suppress(asyncio.CancelledError, WebSocketDisconnect):
                await sending

    async def _send_events(self) -> None:
        while True:
            self._wakeup.clear()
            rows = self._next()
            for row in rows:
                await self._send(json.loads(row["body"]))
                self._session["last_delivery"] = row["id"]
                self._emulator.store.save(self._session)
            if not rows:
                await self._wakeup.wait()

    def _next(self) -> list[Json]:
        if self._emulator.store.switch("paused", default=False):
            return []
        return self._emulator.store.rows(_NEXT, self._session["last_delivery"], _BATCH)

    async def _send(self, event: Json) -> None:
        body, headers = webhook_request(event, self._emulator.config.webhook_secret, int(self._emulator.now()))
        message = {
            "type": "webhook_event",
            "event_payload": body.decode(),
            "http_headers": headers,
            "webhook_conversation_id": new_id("wc"),
            "webhook_id": event["id"],
        }
        # As Stripe does: once in the account's version, which has no name here, and once for `listen --latest`.
        for version in (None, API_VERSION):
            await self._websocket.send_text(json.dumps({**message, "endpoint": {"api_version": version}}))

    async def _read_responses(self) -> None:
        with suppress(WebSocketDisconnect):
            while True:
                try:
                    _log_message(json.loads(await self._websocket.receive_text()))
                except (ValueError, TypeError, KeyError):
                    await self._websocket.close(_INVALID_DATA)


def _log_message(message: Json) -> None:
    if message["type"] == "webhook_response":
        _log.info("stripe listen: %s to %s: %s", message["webhook_id"], message["forward_url"], message["status"])
    else:
        _log.debug("stripe listen: %s of %s", message["type"], message["event_id"])
