"""One purchase over HTTP: the buyer's requests, and the wait for each effect."""

import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
import psycopg

from scripts.database_url import without_driver
from scripts.run.environment import Environment
from scripts.run.errors import RequestFailedError, RunFailedError
from scripts.seed import DemoOffers

# Seconds until a step fails; all steps together take about two.
_DEADLINE = 30.0
_POLL = 0.01
_CARD = {"method": "card", "number": "4242 4242 4242 4242", "expiry": "12 / 34", "cvc": "123", "name": "Demo"}
_COUNT_ENTRIES = """
    select count(*), count(*) filter (where seq is null)
    from app.audit_events where subject_id = %s
"""

_VERIFY_LINK = re.compile(r"/verify\?token=([\w=-]+)")

T = TypeVar("T")
Json = dict[str, Any]


@dataclass(slots=True)
class Purchase:
    """A buyer and their purchase so far. Each method is one step and returns the note to show."""

    environment: Environment
    offers: DemoOffers
    client: httpx.Client
    email: str = field(default_factory=lambda: f"demo.{secrets.token_hex(4)}@aula.example")
    password: str = field(default_factory=lambda: secrets.token_urlsafe(18))
    token: str = ""
    order_id: str = ""
    session_id: str = ""
    payment_page: str = ""

    def register(self) -> str:
        """Create an account."""
        self.post("/auth/register", {"email": self.email, "password": self.password, "display_name": "Demo"})
        return self.email

    def prove_address(self) -> str:
        """Open the link in the email that proves the address."""
        token = wait_for(self._proof_token, "no email with a link arrived")
        self.post("/auth/verify", {"token": token, "password": self.password})
        return "by the link in the email"

    def log_in(self) -> str:
        """Get an access token."""
        self.token = self.post("/auth/login", {"email": self.email, "password": self.password})["access_token"]
        return ""

    def order(self) -> str:
        """Order a course, a service and a seat at a seminar; the price is the server's."""
        items = [
            {"course_id": str(self.offers.course_id)},
            {"service_id": str(self.offers.service_id)},
            {"seminar_id": str(self.offers.seminar_id)},
        ]
        order = self.post("/orders", {"items": items})
        self.order_id = order["id"]
        return f"{len(items)} items, {order['total_amount'] / 100:.2f} {order['currency']}"

    def checkout(self) -> str:
        """Open a checkout with a hosted payment page."""
        wanted = {"order_id": self.order_id, "ui_mode": "hosted_page"}
        checkout = self.post("/payments/stripe/create-session", wanted)
        self.session_id, self.payment_page = checkout["session_id"], checkout["url"]
        return self.payment_page

    def pay(self) -> str:
        """Pay with the test card that always succeeds."""
        opened = self.client.get(self.payment_page)
        paid = self.client.post(self.payment_page, data=_CARD)
        if not opened.is_success or not paid.is_redirect:
            raise RunFailedError(f"the payment page answered {opened.status_code}, then {paid.status_code}")
        return "test card 4242"

    def wait_for_webhook(self) -> str:
        """Wait until the API has accepted the emulator's signed event."""
        event = wait_for(self._delivered_event, "the API has not accepted Stripe's event")
        return f"{event['type']} {event['id']}"

    def wait_for_fulfilment(self) -> str:
        """Wait until the order is fulfilled."""
        order = wait_for(self._fulfilled_order, "the order is not fulfilled")
        return f"order {order['state']}"

    def wait_for_enrollment(self) -> str:
        """Wait until the course is among the buyer's courses."""
        return wait_for(self._owned_course, "the course is not among the buyer's courses")

    def wait_for_receipt(self) -> str:
        """Wait until the receipt is in the inbox."""
        email = wait_for(self._receipt_email, "no receipt arrived")
        return f"“{email['subject']}”"

    def wait_for_audit_seal(self) -> str:
        """Wait until every audit entry about the order is sealed."""
        return wait_for(self._seal_count, "the audit log is not sealed")

    def _delivered_event(self) -> Json | None:
        headers = {"Authorization": f"Bearer {self.environment.variables['AULA_STRIPE_SECRET_KEY']}"}
        wanted = {"type": "checkout.session.completed", "limit": 100}
        answer = self.client.get(f"{self.environment.stripe}/v1/events", params=wanted, headers=headers)
        events = (event for event in json_of(answer)["data"] if event["data"]["object"]["id"] == self.session_id)
        return next((event for event in events if event["pending_webhooks"] == 0), None)

    def _fulfilled_order(self) -> Json | None:
        order = self.get(f"/orders/{self.order_id}")
        if order["state"] not in {"pending", "processing", "paid", "fulfilled"}:
            raise RunFailedError(f"the order is in {order['state']}")
        return order if order["state"] == "fulfilled" else None

    def _owned_course(self) -> str | None:
        owned: list[Json] = [item["course"] for item in self.get("/me/courses")["items"]]
        return next((course["title"] for course in owned if course["id"] == str(self.offers.course_id)), None)

    def _receipt_email(self) -> Json | None:
        emails = self._emails()
        return next((one for one in emails if "kvitto" in one["subject"] or "receipt" in one["subject"]), None)

    def _proof_token(self) -> str | None:
        links = (_VERIFY_LINK.search(one["text"]) for one in self._emails())
        return next((link[1] for link in links if link), None)

    def _emails(self) -> list[Json]:
        answer = self.client.get(f"{self.environment.inbox}/messages.json", params={"to": self.email})
        return json_of(answer)["messages"]

    def _seal_count(self) -> str | None:
        with psycopg.connect(without_driver(self.environment.variables["AULA_DATABASE_URL"])) as connection:
            row = connection.execute(_COUNT_ENTRIES, [self.order_id]).fetchone()
        entries, unsealed = row or (0, 0)
        return f"{entries} entries about the order, all sealed" if entries and not unsealed else None

    def get(self, path: str) -> Json:
        """The answer to the buyer. Raises RequestFailedError."""
        return json_of(self.client.get(f"{self.environment.api}{path}", headers=self._headers()))

    def post(self, path: str, body: Mapping[str, object]) -> Json:
        """The answer to the buyer. Raises RequestFailedError."""
        headers = {**self._headers(), "Idempotency-Key": secrets.token_hex(16)}
        return json_of(self.client.post(f"{self.environment.api}{path}", json=body, headers=headers))

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


def json_of(answer: httpx.Response) -> Json:
    """The body of an answer. Raises RequestFailedError."""
    if not answer.is_success:
        request = answer.request
        said = f"{request.method} {request.url.path} answered {answer.status_code}: {answer.text[:500]}"
        raise RequestFailedError(said, answer.status_code)
    return answer.json() if answer.content else {}


def wait_for(find: Callable[[], T | None], failure: str, seconds: float = _DEADLINE) -> T:
    """What `find` finds in time. Raises RunFailedError with `failure`."""
    deadline = time.monotonic() + seconds
    while (found := find()) is None:
        if time.monotonic() > deadline:
            raise RunFailedError(f"{failure} after {seconds:.0f} s")
        time.sleep(_POLL)
    return found
