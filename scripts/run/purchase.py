"""One real purchase over HTTP: what a buyer does, and what the house does about it."""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
import psycopg

from scripts.database_address import plain
from scripts.run.environment import Surroundings
from scripts.run.errors import RunFailedError
from scripts.seed import Seeded

# Seconds until a hop has failed; all of them together take about two.
_DEADLINE = 30.0
_POLL = 0.01
_CARD = {"method": "card", "number": "4242 4242 4242 4242", "expiry": "12 / 34", "cvc": "123", "name": "Demo"}
_UNSEALED = """
    select count(*), count(*) filter (where seq is null)
    from app.audit_events where subject_id = %s
"""

T = TypeVar("T")
Json = dict[str, Any]


@dataclass(slots=True)
class Purchase:
    """A buyer, and how far they have come."""

    surroundings: Surroundings
    offers: Seeded
    client: httpx.Client
    email: str = field(default_factory=lambda: f"demo.{secrets.token_hex(4)}@aula.example")
    password: str = field(default_factory=lambda: secrets.token_urlsafe(18))
    token: str = ""
    order_id: str = ""
    session_id: str = ""
    pay_page: str = ""

    def register(self) -> str:
        """Make an account."""
        self._post("/auth/register", {"email": self.email, "password": self.password, "display_name": "Demo"})
        return self.email

    def log_in(self) -> str:
        """Get an access token."""
        self.token = self._post("/auth/login", {"email": self.email, "password": self.password})["access_token"]
        return ""

    def order(self) -> str:
        """Order a course and a service; the price is the server's."""
        items = [{"course_id": str(self.offers.course_id)}, {"service_id": str(self.offers.service_id)}]
        order = self._post("/orders", {"items": items})
        self.order_id = order["id"]
        return f"{len(items)} items, {order['total_amount'] / 100:.2f} {order['currency']}"

    def checkout(self) -> str:
        """Ask for Stripe's own pay page."""
        wanted = {"order_id": self.order_id, "ui_mode": "hosted_page"}
        checkout = self._post("/payments/stripe/create-session", wanted)
        self.session_id, self.pay_page = checkout["session_id"], checkout["url"]
        return self.pay_page

    def pay(self) -> str:
        """Fill in the pay page with the card that always works."""
        shown = self.client.get(self.pay_page)
        paid = self.client.post(self.pay_page, data=_CARD)
        if not shown.is_success or not paid.is_redirect:
            raise RunFailedError(f"the pay page answered {shown.status_code}, then {paid.status_code}")
        return "test card 4242"

    def webhook(self) -> str:
        """Wait until the emulator's signed event has been taken."""
        event = _until(self._delivered, "the API has not taken Stripe's event")
        return f"{event['type']} {event['id']}"

    def fulfilled(self) -> str:
        """Wait until the order is fulfilled."""
        order = _until(self._fulfilled, "the order is not fulfilled")
        return f"order {order['state']}"

    def enrolled(self) -> str:
        """Wait until the course is among the buyer's."""
        return _until(self._enrolled, "the course is not among the buyer's")

    def receipt(self) -> str:
        """Wait until the receipt is in the inbox."""
        letter = _until(self._letter, "no receipt has come")
        return f"“{letter['subject']}”"

    def audited(self) -> str:
        """Wait until every entry about the order is sealed."""
        return _until(self._sealed, "the audit log is not sealed")

    def _delivered(self) -> Json | None:
        headers = {"Authorization": f"Bearer {self.surroundings.variables['AULA_STRIPE_SECRET_KEY']}"}
        wanted = {"type": "checkout.session.completed", "limit": 100}
        answer = self.client.get(f"{self.surroundings.stripe}/v1/events", params=wanted, headers=headers)
        ours = (event for event in _json(answer)["data"] if event["data"]["object"]["id"] == self.session_id)
        return next((event for event in ours if event["pending_webhooks"] == 0), None)

    def _fulfilled(self) -> Json | None:
        order = self._get(f"/orders/{self.order_id}")
        if order["state"] not in {"pending", "processing", "paid", "fulfilled"}:
            raise RunFailedError(f"the order is in {order['state']}")
        return order if order["state"] == "fulfilled" else None

    def _enrolled(self) -> str | None:
        owned: list[Json] = [item["course"] for item in self._get("/me/courses")["items"]]
        return next((course["title"] for course in owned if course["id"] == str(self.offers.course_id)), None)

    def _letter(self) -> Json | None:
        answer = self.client.get(f"{self.surroundings.inbox}/messages.json", params={"to": self.email})
        letters: list[Json] = _json(answer)["messages"]
        return next((one for one in letters if "kvitto" in one["subject"] or "receipt" in one["subject"]), None)

    def _sealed(self) -> str | None:
        with psycopg.connect(plain(self.surroundings.variables["AULA_DATABASE_URL"])) as connection:
            row = connection.execute(_UNSEALED, [self.order_id]).fetchone()
        entries, unsealed = row or (0, 0)
        return f"{entries} entries about the order, all sealed" if entries and not unsealed else None

    def _get(self, path: str) -> Json:
        return _json(self.client.get(f"{self.surroundings.api}{path}", headers=self._headers()))

    def _post(self, path: str, body: Mapping[str, object]) -> Json:
        headers = {**self._headers(), "Idempotency-Key": secrets.token_hex(16)}
        return _json(self.client.post(f"{self.surroundings.api}{path}", json=body, headers=headers))

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


def _json(answer: httpx.Response) -> Json:
    if not answer.is_success:
        request = answer.request
        raise RunFailedError(f"{request.method} {request.url.path} answered {answer.status_code}: {answer.text[:500]}")
    return answer.json() if answer.content else {}


def _until(look: Callable[[], T | None], otherwise: str) -> T:
    deadline = time.monotonic() + _DEADLINE
    while (found := look()) is None:
        if time.monotonic() > deadline:
            raise RunFailedError(f"{otherwise} after {_DEADLINE:.0f} s")
        time.sleep(_POLL)
    return found
