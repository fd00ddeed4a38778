"""The WebSocket that `stripe listen` opens, without the CLI."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.frames import CloseCode
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.contract.checkouts import control
from tests.contract.conftest import WEBHOOK_SECRET, StripeEmulator

TIMEOUT_S = 10


def _session(emulator: StripeEmulator) -> dict[str, Any]:
    fields = {"device_name": "test", "websocket_features[]": "webhooks"}
    return emulator.http.post("/v1/stripecli/sessions", data=fields).json()


@contextmanager
def _listening(session: dict[str, Any]) -> Generator[ClientConnection]:
    with connect(
        session["websocket_url"],
        additional_headers={"Websocket-Id": session["websocket_id"]},
        subprotocols=[Subprotocol("stripecli-devproxy-v1")],
        proxy=None,
    ) as connection:
        yield connection


def _receive(connection: ClientConnection) -> dict[str, Any]:
    """The next event; each comes twice, without and with a version."""
    first, second = (json.loads(connection.recv(TIMEOUT_S)) for _ in range(2))
    assert (first["endpoint"], second["endpoint"]) == ({"api_version": None}, {"api_version": "2026-10-28.endive"})
    assert first["webhook_id"] == second["webhook_id"]
    return json.loads(first["event_payload"])


def test_a_session_has_the_webhook_secret(emulator: StripeEmulator) -> None:
    session = _session(emulator)
    assert (session["secret"], session["default_version"]) == (WEBHOOK_SECRET, "2026-10-28.endive")


def test_a_session_for_request_logs_is_refused(emulator: StripeEmulator) -> None:
    refused = emulator.http.post("/v1/stripecli/sessions", data={"websocket_features[]": "request_logs"}).json()
    assert refused["error"]["param"] == "websocket_features[0]"


def test_an_unknown_session_gets_the_message_that_the_cli_knows(emulator: StripeEmulator) -> None:
    session = {**_session(emulator), "websocket_id": "cliws_unknown"}
    with pytest.raises(InvalidStatus) as refused, _listening(session):
        pytest.fail("connected")
    assert refused.value.response.status_code == 404
    assert json.loads(refused.value.response.body or b"")["error"]["message"] == "Unknown WebSocket ID."


def test_a_listener_gets_only_what_is_emitted_after_its_session(emulator: StripeEmulator) -> None:
    emulator.sdk.v1.products.create({"name": "Earlier"})
    session = _session(emulator)
    product = emulator.sdk.v1.products.create({"name": "Later"})
    with _listening(session) as connection:
        assert _receive(connection)["data"]["object"]["id"] == product.id


def test_a_listener_that_connects_again_misses_nothing_and_gets_nothing_twice(emulator: StripeEmulator) -> None:
    session, names = _session(emulator), ["first", "second", "third"]
    received: list[str] = []
    for name in names:
        emulator.sdk.v1.products.create({"name": name})
        with _listening(session) as connection:
            received.append(_receive(connection)["data"]["object"]["name"])
    assert received == names


def test_a_paused_emulator_sends_nothing_until_it_is_resumed(emulator: StripeEmulator) -> None:
    with _listening(_session(emulator)) as connection:
        control(emulator, "deliveries/pause")
        emulator.sdk.v1.products.create({"name": "Held back"})
        with pytest.raises(TimeoutError):
            connection.recv(0.3)
        control(emulator, "deliveries/resume")
        assert _receive(connection)["data"]["object"]["name"] == "Held back"


@pytest.mark.parametrize("message", ["no json", "7", '{"type": "webhook_response"}'])
def test_an_invalid_message_closes_the_connection(emulator: StripeEmulator, message: str) -> None:
    with _listening(_session(emulator)) as connection:
        connection.send(message)
        with pytest.raises(ConnectionClosedError):
            connection.recv(TIMEOUT_S)
        assert connection.close_code == CloseCode.INVALID_DATA
