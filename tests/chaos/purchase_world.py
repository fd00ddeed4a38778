"""Aula, Stripe and the buyers, as the purchase machine acts on them; each act is told in `story`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import httpx
from sqlalchemy import Row, text, update

from core.identity import Role
from core.jobs.batch import Batch
from core.jobs.enqueue import enqueue
from core.jobs.schedules import SCHEDULES
from core.messages import CompareBooks, Message, Prune, SweepEvents
from core.webhooks.payment_events import EVENT_TYPES
from db.models import Profile
from db.queries import query
from tests.chaos.stripe_thread import StripeThread
from tests.support.api_harness import ApiHarness, User
from tests.support.job_runner import JobRunner, KillSwitch
from tests.support.jobs import empty

PASSWORD = "correct horse battery staple"
IBAN = "AT611904300234573201"
Json = dict[str, Any]
# What is read to find lost events, and which can be lost then: the list of all events and the books, the books alone,
# or nothing. Overdue checkouts are always asked about.
Means = Literal["events", "books", "nothing"]
MEANS: Mapping[Means, Sequence[str]] = {
    "events": ("",),
    "books": ("checkout.session.", "payment_intent.", "charge.succeeded", "charge.updated", "charge.refund", "refund."),
    "nothing": ("checkout.session.", "payment_intent.", "charge.updated", "refund.created"),
}
# Nothing is old enough to be pruned.
_LEFT_OUT: Mapping[Means, tuple[type[Message], ...]] = {
    "events": (Prune,),
    "books": (Prune, SweepEvents),
    "nothing": (Prune, SweepEvents, CompareBooks),
}


class ApiKilledError(Exception):
    """The API's process died here."""


@dataclass(slots=True)
class ApiKillSwitch(KillSwitch):
    """As for a worker. The server's threads live on, so the request is answered 500."""

    def reach(self, *_: object) -> None:
        if self.left is None:
            return
        self.left -= 1
        if self.left < 0:
            self.left = None
            raise ApiKilledError


@dataclass(slots=True)
class PlacedOrder:
    """An order as its buyer knows it: `sessions` are those that the API answered."""

    id: str
    buyer: User
    items: Sequence[str]
    sessions: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class World:
    """All parts, and what has happened since the last `begin`; `steps` and `ends` count over all stories."""

    api: ApiHarness
    stripe: StripeThread
    jobs: JobRunner
    api_switch: ApiKillSwitch
    products: Mapping[str, Sequence[Mapping[str, object]]]
    password_hash: str
    admin: User
    means: Means = "events"
    buyers: list[User] = field(default_factory=list[User])
    orders: list[PlacedOrder] = field(default_factory=list[PlacedOrder])
    events: list[Json] = field(default_factory=list[Json])
    undelivered: list[Json] = field(default_factory=list[Json])
    gifts: list[str] = field(default_factory=list[str])
    abandoned: list[Batch] = field(default_factory=list[Batch])
    story: list[str] = field(default_factory=list[str])
    steps: int = 0
    ends: Counter[str] = field(default_factory=Counter[str])

    def begin(self, buyers: int, means: Means) -> None:
        """Forget everything but the catalogue, and sign up new buyers."""
        self.means = means
        empty(self.jobs.sessions)
        self.stripe.forget()
        self.api.clock.ahead = timedelta()
        told = (self.events, self.undelivered, self.abandoned, self.story)
        for remembered in (self.buyers, self.orders, self.gifts, *told):
            remembered.clear()
        self.buyers += [self._buyer() for _ in range(buyers)]

    def tell(self, sentence: str) -> None:
        self.story.append(sentence)

    def request(self, user: User, method: str, path: str, body: Json | None = None) -> httpx.Response:
        """A request with a token that is valid now."""
        role: Role = "admin" if user is self.admin else "member"
        token = self.api.token(user.id, role)
        return user.http.request(method, path, json=body, headers={"Authorization": f"Bearer {token}"})

    def place(self, number: int, product: str) -> httpx.Response:
        buyer = self.buyers[number]
        answer = self.request(buyer, "POST", "/orders", {"items": list(self.products[product])})
        if answer.is_success:
            items = [item["id"] for item in answer.json()["items"]]
            self.orders.append(PlacedOrder(answer.json()["id"], buyer, items))
        self.tell(f"buyer {number} orders {product}: {self._said(answer, len(self.orders) - 1)}")
        return answer

    def checkout(self, number: int, ui_mode: str) -> httpx.Response:
        order = self.orders[number]
        body = {"order_id": order.id, "ui_mode": ui_mode}
        answer = self.request(order.buyer, "POST", "/payments/stripe/create-session", body)
        if answer.is_success and answer.json()["session_id"] not in order.sessions:
            order.sessions.append(answer.json()["session_id"])
        self.tell(f"order {number}: asks for a checkout {ui_mode}: {self._said(answer)}")
        return answer

    def cancel(self, number: int) -> httpx.Response:
        order = self.orders[number]
        answer = self.request(order.buyer, "POST", f"/orders/{order.id}/cancel")
        self.tell(f"order {number}: is cancelled: {self._said(answer)}")
        return answer

    def ask_refund(self, told: str, number: int, user: User, body: Json) -> httpx.Response:
        answer = self.request(user, "POST", f"/orders/{self.orders[number].id}/refund", body)
        self.tell(f"order {number}: {told}: {self._said(answer)}")
        return answer

    def findings(self) -> Sequence[Row[tuple[UUID, str]]]:
        """The id and the kind of each open finding, the oldest first."""
        with self.jobs.sessions() as session:
            return session.execute(text("select id, kind from app.findings where closed_at is null order by id")).all()

    def act(self, finding: Row[tuple[UUID, str]], action: str) -> httpx.Response:
        body = {"reason": "agreed with the buyer"}
        answer = self.request(self.admin, "POST", f"/admin/findings/{finding.id}/{action}", body)
        self.tell(f"the operator answers {finding.kind} by {action}: {self._said(answer)}")
        return answer

    def give(self, number: int, product: str) -> httpx.Response:
        path = f"/courses/{self.products[product][0]['course_id']}/gifts"
        answer = self.request(self.admin, "POST", path, {"email": self.buyers[number].email})
        if answer.is_success:
            self.gifts.append(f"{path}/{answer.json()['id']}")
        self.tell(f"buyer {number} is given {product}: {self._said(answer)}")
        return answer

    def withdraw(self, gift: str) -> httpx.Response:
        answer = self.request(self.admin, "DELETE", gift)
        self.tell(f"a gift is withdrawn: {self._said(answer)}")
        return answer

    def erase(self, number: int) -> httpx.Response:
        answer = self.request(self.buyers[number], "DELETE", "/me", {"password": PASSWORD})
        self.tell(f"buyer {number} erases the account: {self._said(answer)}")
        return answer

    def control(self, told: str, path: str, **fields: object) -> None:
        """What buyers, banks and the dashboard's user do at Stripe; Stripe may refuse it."""
        answer = self.stripe.control(path, **fields)
        self.tell(f"{told}: {self._said(answer)}")
        self.hear()

    def pay_by_debit(self, told: str, session_id: str) -> None:
        answer = self.stripe.http.post(f"/pay/{session_id}", data={"method": "sepa_debit", "iban": IBAN})
        self.tell(f"{told}: {answer.status_code}")
        self.hear()

    def hear(self) -> None:
        """Learn which events Stripe has to deliver now."""
        known = {event["id"] for event in self.events}
        new = [one for one in self.stripe.objects("event") if one["id"] not in known]
        new = [one for one in new if one["type"] in EVENT_TYPES]
        self.events += new
        self.undelivered += new

    def deliver(self, event: Json, **changes: object) -> None:
        body, headers = self.stripe.delivery({**event, **changes})
        answer = httpx.post(f"{self.api.url}/webhooks/stripe", content=body, headers=headers, trust_env=False)
        assert answer.is_success, answer.text
        self.tell(f"{event['type']} arrives{' under another id' if changes else ''}")

    def advance(self, minutes: int) -> None:
        """Let time pass, for Aula and for Stripe."""
        self.api.clock.ahead += timedelta(minutes=minutes)
        self.stripe.pass_time()
        self.tell(f"{minutes} minutes pass")
        self.hear()

    def beat(self) -> None:
        """Enqueue one job for each schedule that has work, and run all jobs."""
        with self.jobs.sessions.begin() as session:
            due = [one for one in SCHEDULES if not isinstance(one.message, _LEFT_OUT[self.means])]
            enqueue(session, *[one.message for one in due if not one.has_work or session.scalar(query(one.has_work))])
        self.jobs.run_due()
        self.tell("all schedules tick, and all jobs run")

    def is_quiet(self) -> bool:
        """Whether no job is unfinished."""
        unfinished = text("select exists (select from app.jobs where state in ('pending', 'dispatched'))")
        with self.jobs.sessions() as session:
            return not session.scalar(unfinished)

    def _buyer(self) -> User:
        buyer = self.api.user()
        with self.jobs.sessions.begin() as session:
            with_password = update(Profile).where(Profile.id == buyer.id).values(password_hash=self.password_hash)
            session.execute(with_password)
        return buyer

    def _said(self, answer: httpx.Response, order: int | None = None) -> str:
        if answer.is_success:
            return str(answer.status_code) if order is None else f"{answer.status_code}, order {order}"
        body = answer.json()
        return f"{answer.status_code} {body.get('code') or body.get('error', {}).get('message')}"

    def count_ends(self) -> None:
        """Count the orders of this story by their states, and its open findings by their kinds."""
        ends = text("""
        select 'order ' || state, count(*) from app.orders group by 1
        union all
        select 'finding ' || kind, count(*) from app.findings where closed_at is null group by 1
        """)
        with self.jobs.sessions() as session:
            self.ends.update({row[0]: row[1] for row in session.execute(ends)})
