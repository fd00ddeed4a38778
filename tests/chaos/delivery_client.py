"""Delivers webhooks as Stripe does: signed, and repeated until they are accepted."""

import time
from http import HTTPStatus
from typing import Self

import httpx

from core.settings import DEVELOPMENT_WEBHOOK_SECRET
from emulators.stripe.signing import signature_header
from tests.chaos.timeouts import TIMEOUT
from tests.support.waiting import wait_until


class DeliveryClient:
    """May be used by several threads. `failed` counts the attempts that were not accepted."""

    def __init__(self, address: str) -> None:
        self._client = httpx.Client(base_url=address, timeout=10, trust_env=False)
        self.failed = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def deliver_once(self, body: bytes) -> int:
        """The status code of the answer; 0 without an answer."""
        signature = signature_header(body, DEVELOPMENT_WEBHOOK_SECRET, int(time.time()))
        headers = {"Stripe-Signature": signature, "Content-Type": "application/json"}
        try:
            return self._client.post("/webhooks/stripe", content=body, headers=headers).status_code
        except httpx.TransportError:
            return 0

    def deliver(self, body: bytes) -> None:
        """Deliver until the webhook is accepted."""
        wait_until(lambda: self._is_accepted(body), "the webhook is accepted", TIMEOUT)

    def _is_accepted(self, body: bytes) -> bool:
        if self.deliver_once(body) == HTTPStatus.OK:
            return True
        self.failed += 1
        return False
