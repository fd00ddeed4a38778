"""Delivers events as Stripe does: signed, and again until they are taken."""

import time
from http import HTTPStatus
from typing import Self

import httpx

from core.settings import DEVELOPMENT_WEBHOOK_SECRET
from emulators.stripe.signing import signature_header
from tests.chaos.patience import PATIENCE
from tests.support.waiting import wait_until


class Courier:
    """One for any number of threads. `refused` counts the deliveries that had to be repeated."""

    def __init__(self, address: str) -> None:
        self._client = httpx.Client(base_url=address, timeout=10, trust_env=False)
        self.refused = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def deliver_once(self, body: bytes) -> int:
        """The answer's status to one delivery; 0 when there was none."""
        signature = signature_header(body, DEVELOPMENT_WEBHOOK_SECRET, int(time.time()))
        headers = {"Stripe-Signature": signature, "Content-Type": "application/json"}
        try:
            return self._client.post("/webhooks/stripe", content=body, headers=headers).status_code
        except httpx.TransportError:
            return 0

    def deliver(self, body: bytes) -> None:
        """Deliver until it is taken."""
        wait_until(lambda: self._taken(body), "the event is taken", PATIENCE)

    def _taken(self, body: bytes) -> bool:
        if self.deliver_once(body) == HTTPStatus.OK:
            return True
        self.refused += 1
        return False
