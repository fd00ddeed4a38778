"""Buy, ask for refunds over HTTP, and run their jobs by the real task."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import httpx
from celery.exceptions import Retry as CeleryRetry
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from core.findings.close import close_resolved
from core.jobs.batch import Batch
from core.maintenance.check import violations
from core.messages import CreateRefund
from core.webhooks.new_event import NewEvent
from core.wiring.handlers import FINDING_ACTIONS
from db.models import Course, Finding, Refund, Service
from tasks import refunds as refund_tasks
from tasks.celery_status import JobsDeadError, JobsRunAgainError
from tests.support.api_harness import ApiHarness, User
from tests.support.fake_gateway import FakeGateway
from tests.support.jobs import do, value
from tests.support.purchases import Purchase
from tests.support.webhook_harness import WebhookHarness, make_event
from tests.support.workers import SEAT_KINDS, run_task


@dataclass(frozen=True, slots=True)
class Bought:
    """An order of a buyer; `items` are the ids of its courses, and then of its services."""

    buyer: User
    purchase: Purchase
    items: Sequence[str]

    @property
    def path(self) -> str:
        return f"/orders/{self.purchase.order_id}"

    def ask(self, user: User | None = None, key: str | None = None, **body: object) -> httpx.Response:
        """Ask for a refund, by default as the buyer."""
        headers = {"Idempotency-Key": key} if key else None
        return (user or self.buyer).http.post(f"{self.path}/refund", json=body, headers=headers)

    def shown(self) -> dict[str, Any]:
        """The order as its buyer sees it."""
        return self.buyer.http.get(self.path).json()

    def entitlements(self) -> list[str]:
        return [item["entitlement"] for item in _courses_first(self.shown()["items"])]


@dataclass(frozen=True, slots=True)
class RefundHarness:
    """The application, the jobs, and the gateway that the refund's task calls."""

    api: ApiHarness
    webhooks: WebhookHarness
    gateway: FakeGateway

    @property
    def sessions(self) -> sessionmaker[Session]:
        return self.webhooks.sessions

    def course(self, teacher: User, amount: int = 49_900, **terms: int) -> dict[str, object]:
        """An order item for a new course of this teacher."""
        row = self.api.add(
            Course(teacher_id=teacher.id, title="Oils", price_amount=amount, currency="SEK", state="published", **terms)
        )
        return {"course_id": str(row.id)}

    def service(self, teacher: User, amount: int = 80_000, **terms: int) -> dict[str, object]:
        """An order item for a new service of this teacher."""
        row = self.api.add(
            Service(
                teacher_id=teacher.id,
                title="Critique",
                duration_minutes=45,
                price_amount=amount,
                currency="SEK",
                state="published",
                **terms,
            )
        )
        return {"service_id": str(row.id)}

    def place(self, *items: Mapping[str, object], buyer: User | None = None) -> Bought:
        """An order that is not paid."""
        buyer = buyer or self.api.user()
        order = buyer.place_order(*items)
        purchase = Purchase(UUID(order["id"]), order["total_amount"])
        return Bought(buyer, purchase, [item["id"] for item in _courses_first(order["items"])])

    def buy(self, *items: Mapping[str, object], buyer: User | None = None) -> Bought:
        """A paid and fulfilled order."""
        bought = self.place(*items, buyer=buyer)
        self.tell(make_event(bought.purchase))
        assert self.state(bought) == "fulfilled"
        return bought

    def state(self, bought: Bought) -> object:
        return self.webhooks.order_state(bought.purchase)

    def tell(self, *events: NewEvent) -> None:
        """Store events, and run what follows."""
        self.webhooks.store(*events)
        self.run()

    def run(self, *kinds: str) -> None:
        """Run everything that is due; refunds, seats and `kinds` by their task."""
        tasks = {kind: partial(run_task, kind) for kind in (*SEAT_KINDS, *kinds)}
        self.webhooks.run_jobs({CreateRefund.kind: _create, **tasks})

    def run_later(self) -> None:
        """Run also what waits for its next attempt."""
        do(self.sessions, "update app.jobs set run_at = now() where state = 'pending'")
        self.run()

    def refunds(self, bought: Bought) -> list[Refund]:
        wanted = select(Refund).where(Refund.provider_payment_id == bought.purchase.payment_id).order_by(Refund.id)
        with self.sessions() as session:
            return list(session.scalars(wanted))

    def states(self, bought: Bought) -> list[str]:
        return [refund.state for refund in self.refunds(bought)]

    def age(self, refund_id: str, by: timedelta) -> None:
        """Let a refund have been asked for earlier."""
        do(self.sessions, "update app.refunds set created_at = created_at - :by where id = :id", by=by, id=refund_id)

    def finding(self, kind: str) -> UUID:
        """The open finding of this kind."""
        with self.sessions() as session:
            found = select(Finding.id).where(Finding.kind == kind, Finding.closed_at.is_(None))
            return session.scalars(found).one()

    def act(self, action: str, finding_id: UUID, admin: User, reason: str = "agreed with the buyer") -> None:
        """Act on a finding as an operator."""
        act = {str(name): one for name, one in FINDING_ACTIONS.items()}[action]
        with self.sessions.begin() as session:
            act(session, finding_id, actor_id=admin.id, reason=reason, now=self.api.clock())

    def close_resolved(self) -> int:
        with self.sessions.begin() as session:
            return close_resolved(session)

    def closed(self, finding_id: UUID) -> object:
        return value(self.sessions, "select resolution from app.findings where id = :id", id=finding_id)

    def violations(self) -> dict[str, int]:
        # What only the provider's lists could tell is not asked for here.
        do(self.sessions, "delete from app.jobs where kind = 'webhooks.fetch'")
        with self.sessions.begin() as session:
            return dict(violations(session, grace_seconds=0))

    def mails(self, template: str) -> int:
        with self.sessions() as session:
            counted = text("select count(*) from app.mail_messages where template = :template")
            return session.scalars(counted, {"template": template}).one()

    def audited(self, subject: str) -> list[str]:
        return self.webhooks.audit_tags(UUID(subject))


def _courses_first(items: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(items, key=lambda item: item["course_id"] is None)


def _create(batch: Batch) -> None:
    # What it raises is for Flower; the jobs tell what happened.
    with suppress(CeleryRetry, JobsDeadError, JobsRunAgainError):
        refund_tasks.create.run(batch.to_wire())
