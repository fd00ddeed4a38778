"""What is around Aula and fails in the drill: Stripe, the mail server, and a worker."""

import time
from typing import Any

import httpx

from emulators.stripe.signing import webhook_request
from scripts.drill.waiting import wait_for
from scripts.run.environment import Environment
from scripts.run.errors import RunFailedError
from scripts.run.purchase import Purchase
from scripts.run.supervisor import Supervisor

# More calls than fail until Stripe is mended: the circuit breakers stop most of them.
_FAILED_CALLS = 1000
# 550 5.7.1: the server refuses to deliver. https://www.rfc-editor.org/rfc/rfc5321#section-4.2.3
_MAIL_REFUSED = 550
_WRONG_AMOUNT = 100
# The events by which a card payment pays an order.
_PAID = ("checkout.session.completed", "payment_intent.succeeded")

Json = dict[str, Any]


class Surroundings:
    """Causes the faults, and ends those that no operator of Aula can end."""

    def __init__(self, environment: Environment, supervisor: Supervisor, client: httpx.Client) -> None:
        self._environment = environment
        self._supervisor = supervisor
        self._client = client

    def stop_stripe(self) -> None:
        """Let Stripe answer every call of its API with 503."""
        self._control("/faults", failed_calls=_FAILED_CALLS, failed_status=503)

    def mend_stripe(self) -> None:
        """Let Stripe answer again."""
        self._control("/faults", failed_calls=0)

    def refuse_mail(self) -> None:
        """Let the mail server refuse every recipient for good."""
        self._refuse_mail(str(_MAIL_REFUSED))

    def accept_mail(self) -> None:
        """Let the mail server accept mail again."""
        self._refuse_mail("")

    def kill_worker(self) -> None:
        """Kill the worker; nothing restarts it."""
        self._supervisor.kill("worker")

    def start_worker(self) -> None:
        """Start the worker, as its host's service manager does for an operator."""
        self._supervisor.start_again("worker")

    def pay_wrong_amount(self, purchase: Purchase) -> None:
        """Pay a checkout with another amount than its order's."""
        self._control(f"/sessions/{purchase.session_id}/pay", amount=_WRONG_AMOUNT)

    def pay_unreadably(self, purchase: Purchase) -> None:
        """Pay a checkout whose events come with a body that this release cannot read."""
        self._control("/deliveries/pause")
        purchase.pay()
        for event in wait_for(lambda: self._paid_events(purchase), "Stripe has no events of the payment"):
            event["data"]["object"]["currency"] = {"code": event["data"]["object"]["currency"]}
            self._deliver(event)
        # Stripe's own deliveries of them are repetitions.
        self._control("/deliveries/resume")

    def emails(self) -> list[Json]:
        """What the mail server has accepted."""
        return self._client.get(f"{self._environment.inbox}/messages.json").raise_for_status().json()["messages"]

    def _paid_events(self, purchase: Purchase) -> list[Json] | None:
        key = self._environment.variables["AULA_STRIPE_SECRET_KEY"]
        address = f"{self._environment.stripe}/v1/events"
        answer = self._client.get(address, params={"limit": 100}, headers={"Authorization": f"Bearer {key}"})
        found = [
            event
            for event in answer.raise_for_status().json()["data"]
            if event["type"] in _PAID and event["data"]["object"]["metadata"].get("order_id") == purchase.order_id
        ]
        return found if len(found) == len(_PAID) else None

    def _deliver(self, event: Json) -> None:
        secret = self._environment.variables["AULA_STRIPE_WEBHOOK_SECRET"]
        body, headers = webhook_request(event, secret, int(time.time()))
        answer = self._client.post(f"{self._environment.api}/webhooks/stripe", content=body, headers=headers)
        if not answer.is_success:
            raise RunFailedError(f"the unreadable event was answered {answer.status_code}: {answer.text[:200]}")

    def _control(self, path: str, **fields: object) -> None:
        address = f"{self._environment.stripe}/_emulator{path}"
        self._client.post(address, data={name: str(value) for name, value in fields.items()}).raise_for_status()

    def _refuse_mail(self, code: str) -> None:
        address = f"{self._environment.inbox}/_emulator/faults"
        self._client.post(address, params={"refused_with": code}).raise_for_status()
