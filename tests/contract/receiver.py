"""A webhook endpoint for tests: records deliveries and responds with the configured status codes."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import monotonic
from typing import Any, Literal

_SIGNATURES = {"stripe": "Stripe-Signature", "livekit": "Authorization"}


@dataclass(frozen=True, slots=True)
class Delivery:
    body: bytes
    signature: str
    # Seconds on the monotonic clock.
    at: float

    @property
    def event(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass(slots=True)
class WebhookReceiver:
    """Each delivery takes the next status of `responses`; without one it gets 200."""

    url: str = ""
    deliveries: list[Delivery] = field(default_factory=list[Delivery])
    responses: list[int] = field(default_factory=list[int])

    def of(self, kind: str, session_id: str | None = None) -> list[Delivery]:
        return [
            delivery
            for delivery in self.deliveries
            if delivery.event["type"] == kind
            and (session_id is None or delivery.event["data"]["object"]["id"] == session_id)
        ]


@contextmanager
def webhook_receiver(port: int = 0, provider: Literal["stripe", "livekit"] = "stripe") -> Generator[WebhookReceiver]:
    receiver = WebhookReceiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.deliveries.append(Delivery(body, self.headers[_SIGNATURES[provider]], monotonic()))
            self.send_response(receiver.responses.pop(0) if receiver.responses else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            del format, args

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_port}/webhooks/{provider}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
