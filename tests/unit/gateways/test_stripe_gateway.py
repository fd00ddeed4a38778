import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qsl

import pytest

from core.gateways.stripe import StripeGateway
from core.ports.errors import (
    GatewayDeferred,
    GatewayError,
    GatewayKeySpent,
    GatewayNotFound,
    GatewayRejected,
    GatewayUnavailable,
)
from core.ports.payments import CheckoutRequest, LineItem, UiMode

EXPIRES = datetime(2026, 12, 1, 12, tzinfo=UTC)
SESSION = {"id": "cs_1", "object": "checkout.session", "client_secret": None, "url": "https://pay.example/cs_1"}


class StripeServer:
    """Gives every request the same response and records the requests."""

    def __init__(self) -> None:
        self.status = 200
        self.headers: dict[str, str] = {}
        self.answers = threading.Event()
        self.answers.set()
        self.body: dict[str, Any] = {**SESSION, "expires_at": int(EXPIRES.timestamp())}
        self.asked: list[tuple[dict[str, str], dict[str, str]]] = []
        stripe_server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                stripe_server.asked.append((dict(parse_qsl(form)), dict(self.headers.items())))
                assert stripe_server.answers.wait(10)
                answer = json.dumps(stripe_server.body).encode()
                self.send_response(stripe_server.status)
                self.send_header("Content-Length", str(len(answer)))
                self.send_header("Stripe-Should-Retry", "false")
                for name, value in stripe_server.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
                del format, args

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.gateway = StripeGateway("sk_test_unit", f"http://127.0.0.1:{self.server.server_port}/")


@pytest.fixture
def stripe_server() -> Iterator[StripeServer]:
    started = StripeServer()
    thread = threading.Thread(target=started.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield started
    started.server.shutdown()
    thread.join()
    started.server.server_close()


def request(ui_mode: UiMode = "hosted_page") -> CheckoutRequest:
    items = (LineItem("Course", 129_000, 1), LineItem("Lesson", 49_500, 2))
    return CheckoutRequest(
        "order-1",
        "a@example.com",
        "SEK",
        items,
        ui_mode,
        "https://api.example/done",
        "https://api.example/left",
        EXPIRES,
        "key-1",
    )


def test_the_request_has_the_order_and_its_lines_in_stripes_form(stripe_server: StripeServer) -> None:
    stripe_server.gateway.create_checkout_session(request())
    ((form, headers),) = stripe_server.asked
    assert form["metadata[order_id]"] == form["payment_intent_data[metadata][order_id]"] == "order-1"
    assert form["client_reference_id"] == "order-1"
    assert form["customer_email"] == "a@example.com"
    assert form["expires_at"] == str(int(EXPIRES.timestamp()))
    assert form["line_items[1][price_data][currency]"] == "sek"
    assert form["line_items[1][price_data][unit_amount]"] == "49500"
    assert form["line_items[1][quantity]"] == "2"
    assert headers["Idempotency-Key"] == "key-1"
    assert headers["Stripe-Version"] == "2026-10-28.endive"


def test_the_hosted_page_has_a_success_and_a_cancel_url(stripe_server: StripeServer) -> None:
    stripe_server.gateway.create_checkout_session(request("hosted_page"))
    form = stripe_server.asked[0][0]
    assert (form["success_url"], form["cancel_url"]) == ("https://api.example/done", "https://api.example/left")
    assert "return_url" not in form


def test_the_elements_mode_has_a_return_url_only(stripe_server: StripeServer) -> None:
    stripe_server.gateway.create_checkout_session(request("elements"))
    form = stripe_server.asked[0][0]
    assert (form["ui_mode"], form["return_url"]) == ("elements", "https://api.example/done")
    assert not form.keys() & {"success_url", "cancel_url", "payment_method_types"}


def test_the_response_becomes_a_session(stripe_server: StripeServer) -> None:
    session = stripe_server.gateway.create_checkout_session(request())
    assert (session.id, session.client_secret, session.url) == ("cs_1", None, "https://pay.example/cs_1")
    assert session.expires_at == EXPIRES


@pytest.mark.parametrize(
    ("status", "kind", "raised"),
    [
        (400, "invalid_request_error", GatewayRejected),
        (400, "idempotency_error", GatewayRejected),
        (402, "card_error", GatewayRejected),
        (401, "invalid_request_error", GatewayUnavailable),
        (403, "invalid_request_error", GatewayUnavailable),
        (404, "invalid_request_error", GatewayRejected),
        (409, "idempotency_error", GatewayDeferred),
        (429, "rate_limit_error", GatewayUnavailable),
        (500, "api_error", GatewayUnavailable),
        (503, "api_error", GatewayUnavailable),
    ],
)
def test_a_refusal_and_a_failure_are_different_errors(
    stripe_server: StripeServer, status: int, kind: str, raised: type[GatewayError]
) -> None:
    error: dict[str, Any] = {"type": kind, "message": "the far side's reason"}
    stripe_server.status, stripe_server.body = status, {"error": error}
    assert type(refused(stripe_server)) is raised


def refused(stripe_server: StripeServer) -> GatewayError:
    with pytest.raises(GatewayError) as refusal:
        stripe_server.gateway.create_checkout_session(request())
    return refusal.value


@pytest.mark.parametrize(
    ("status", "raised"), [(404, GatewayNotFound), (400, GatewayRejected)], ids=["of the path", "of a parameter"]
)
def test_only_the_object_of_the_path_can_be_not_found(
    stripe_server: StripeServer, status: int, raised: type[GatewayError]
) -> None:
    error = {"type": "invalid_request_error", "code": "resource_missing", "message": "No such object: 'cs_1'"}
    stripe_server.status, stripe_server.body = status, {"error": error}
    assert type(refused(stripe_server)) is raised


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), ("86400", 300), ("-1", None), ("Fri, 27 Nov 2026 10:00:00 GMT", None), ("", None)],
)
def test_a_rate_limit_says_when_to_try_again(stripe_server: StripeServer, header: str, seconds: float | None) -> None:
    stripe_server.status, stripe_server.body = 429, {"error": {"type": "rate_limit_error", "message": "slow down"}}
    stripe_server.headers = {"Retry-After": header}
    error = refused(stripe_server)
    assert isinstance(error, GatewayUnavailable)
    assert error.retry_after == seconds


@pytest.mark.parametrize(("status", "raised"), [(500, GatewayKeySpent), (400, GatewayRejected)])
def test_a_server_error_that_is_kept_under_the_key_asks_for_another_key(
    stripe_server: StripeServer, status: int, raised: type[GatewayError]
) -> None:
    stripe_server.status, stripe_server.body = status, {"error": {"type": "api_error", "message": "sorry"}}
    stripe_server.headers = {"Idempotent-Replayed": "true"}
    assert type(refused(stripe_server)) is raised


def test_a_refusal_has_stripes_reason(stripe_server: StripeServer) -> None:
    stripe_server.status = 400
    stripe_server.body = {"error": {"type": "invalid_request_error", "message": "Invalid currency: xxx", "param": "c"}}
    with pytest.raises(GatewayRejected, match="Stripe answered 400: Invalid currency: xxx"):
        stripe_server.gateway.create_checkout_session(request())


def test_a_refused_key_is_not_in_the_error(stripe_server: StripeServer) -> None:
    stripe_server.status = 401
    stripe_server.body = {"error": {"type": "invalid_request_error", "message": "Invalid API Key: sk_test_unit"}}
    assert "sk_test" not in str(refused(stripe_server))


def test_a_response_that_is_late_is_unavailable(monkeypatch: pytest.MonkeyPatch, stripe_server: StripeServer) -> None:
    monkeypatch.setattr("core.gateways.stripe.ANSWER_S", 0.05)
    monkeypatch.setattr("core.gateways.stripe.RETRIES", 0)
    gateway = StripeGateway("sk_test_unit", f"http://127.0.0.1:{stripe_server.server.server_port}")
    stripe_server.answers.clear()
    with pytest.raises(GatewayUnavailable, match="APIConnectionError"):
        gateway.create_checkout_session(request())
    stripe_server.answers.set()
    assert len(stripe_server.asked) == 1


def test_a_response_that_is_not_json_is_unavailable(stripe_server: StripeServer) -> None:
    stripe_server.status, stripe_server.body = 502, {"html": "bad gateway"}
    with pytest.raises(GatewayUnavailable):
        stripe_server.gateway.create_checkout_session(request())


def test_an_empty_key_refuses_to_start() -> None:
    with pytest.raises(ValueError, match="secret key is empty"):
        StripeGateway("")
