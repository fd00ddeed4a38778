"""Store and process Stripe events, and read what they changed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from core.enrollments.grant import grant
from core.enrollments.revoke import revoke
from core.jobs.batch import Batch
from core.jobs.work import complete
from core.messages import DerivePayments, FulfilOrder, GrantEnrollment, ProcessWebhook, RevokeEnrollments
from core.orders.fulfil import fulfil
from core.payments.derive import derive
from core.ports.books import API_VERSION
from core.webhooks.new_event import NewEvent
from core.webhooks.origin import Origin
from core.webhooks.parse import read_stripe_event
from core.webhooks.process import apply_batch, apply_one_by_one
from core.wiring.handlers import EVENT_HANDLERS
from db.statements import Statements
from tests.support.jobs import claim_all, statements, value
from tests.support.purchases import Purchase, paid_event, place_orders
from tests.support.stored_events import store

_numbers = count(1)


def make_event(purchase: Purchase, event_type: str = "checkout.session.completed", /, **changes: object) -> NewEvent:
    """A new event about a purchase. `created` is its time in Unix seconds; other `changes` are set on its object."""
    number = next(_numbers)
    created = changes.pop("created", 1_790_000_000 + number)
    body = orjson.loads(paid_event(purchase, **{"event_id": f"evt_{number}", **changes}))
    return read_stripe_event(orjson.dumps({**body, "type": event_type, "created": created}))


def unpaid_event(purchase: Purchase, **changes: object) -> NewEvent:
    return make_event(purchase, payment_status="unpaid", **changes)


def succeeded_event(purchase: Purchase, **changes: object) -> NewEvent:
    return make_event(purchase, "checkout.session.async_payment_succeeded", **changes)


def failed_event(purchase: Purchase, **changes: object) -> NewEvent:
    return make_event(purchase, "checkout.session.async_payment_failed", payment_status="unpaid", **changes)


def expired_event(purchase: Purchase, **changes: object) -> NewEvent:
    return make_event(purchase, "checkout.session.expired", payment_status="unpaid", status="expired", **changes)


def refund_event(purchase: Purchase, status: str = "succeeded", **changes: object) -> NewEvent:
    """A `refund.updated` about the purchase's payment; by default one refund of the whole amount."""
    return _money_back("refund.updated", purchase, {"id": f"re_{purchase.order_id.hex}", "status": status, **changes})


def dispute_event(purchase: Purchase, status: str = "needs_response", **changes: object) -> NewEvent:
    """A `charge.dispute.updated` about the purchase's payment."""
    return _money_back(
        "charge.dispute.updated", purchase, {"id": f"dp_{purchase.order_id.hex}", "status": status, **changes}
    )


def object_event(event_type: str, obj: Mapping[str, object], **changes: object) -> NewEvent:
    """A new event about any object; `changes` are set on the event itself."""
    number = next(_numbers)
    body = {
        "id": f"evt_{number}",
        "object": "event",
        "api_version": API_VERSION,
        "created": 1_790_000_000 + number,
        "livemode": False,
        "type": event_type,
        "data": {"object": obj},
        **changes,
    }
    return read_stripe_event(orjson.dumps(body))


def intent_event(purchase: Purchase, event_type: str = "payment_intent.succeeded", /, **changes: object) -> NewEvent:
    """An event about the purchase's payment intent; `changes` are set on the intent."""
    intent = {
        "id": purchase.payment_id,
        "amount_received": purchase.amount,
        "currency": "sek",
        "metadata": {"order_id": str(purchase.order_id)},
    }
    return object_event(event_type, {**intent, **changes})


def charge_event(purchase: Purchase, event_type: str = "charge.updated", /, **changes: object) -> NewEvent:
    """An event about the purchase's charge, with its balance transaction expanded."""
    transaction = {"id": f"txn_{purchase.order_id.hex}", "fee": 929, "amount": purchase.amount}
    charge = {
        "id": f"ch_{purchase.order_id.hex}",
        "payment_intent": purchase.payment_id,
        "balance_transaction": {**transaction, "currency": "sek", "created": 1_790_000_000},
        "amount_captured": purchase.amount,
        "amount_refunded": 0,
        "currency": "sek",
        "metadata": {"order_id": str(purchase.order_id)},
    }
    return object_event(event_type, {**charge, **changes})


def _money_back(event_type: str, purchase: Purchase, changes: dict[str, object]) -> NewEvent:
    money = {"amount": purchase.amount, "currency": "sek", "payment_intent": purchase.payment_id}
    return make_event(purchase, event_type, **{**money, **changes})


_HANDLERS: Mapping[str, Callable[[Statements, Batch], None]] = {
    FulfilOrder.kind: fulfil,
    GrantEnrollment.kind: grant,
    RevokeEnrollments.kind: revoke,
    DerivePayments.kind: derive,
}
_OPEN_CHECKOUT = text("""
insert into app.checkouts (order_id, number, session_id, ui_mode, expires_at)
select id, 1, :session_id, 'hosted_page', expires_at from app.orders where id = :order_id
""")


@dataclass(frozen=True, slots=True)
class WebhookHarness:
    """Stores and processes events as the endpoint and the worker do."""

    sessions: sessionmaker[Session]
    livemode: bool = field(default=False)
    account: str | None = field(default=None)

    def place_order(self, what: str = "course", **values: object) -> Purchase:
        """A pending order with an open checkout; `values` are set on its row."""
        with self.sessions.begin() as session:
            (purchase,) = place_orders(session, 1, what)
            session.execute(_OPEN_CHECKOUT, {"order_id": purchase.order_id, "session_id": purchase.session_id})
            for name, given in values.items():
                session.execute(
                    text(f"update app.orders set {name} = :given where id = :id"),  # noqa: S608 - names are ours
                    {"given": given, "id": purchase.order_id},
                )
        return purchase

    def store(self, *events: NewEvent) -> None:
        with self.sessions.begin() as session:
            store(session, events)

    def claim(self) -> Batch:
        (batch,) = claim_all(self.sessions)
        return batch

    @property
    def origin(self) -> Origin:
        return Origin(self.livemode, self.account)

    def process(self, batch: Batch) -> None:
        process(self.sessions, batch, self.origin)

    def deliver(self, *events: NewEvent) -> list[str]:
        """Store and process events in one batch; returns the state and outcome of each."""
        self.store(*events)
        (batch,) = [one for one in claim_all(self.sessions) if one.kind == "webhooks.process"]
        self.process(batch)
        return [self.outcome(event) for event in events]

    def run_jobs(self, tasks: Mapping[str, Callable[[Batch], None]] | None = None) -> None:
        """Run every job that is due, and those that follow, as workers do; emails are not sent.

        `tasks` run the kinds that call external services; without them these jobs are only completed.
        """
        while batches := claim_all(self.sessions):
            for batch in batches:
                self.run_batch(batch, tasks)

    def run_batch(self, batch: Batch, tasks: Mapping[str, Callable[[Batch], None]] | None = None) -> None:
        """Run one batch as a worker does; a kind that needs an external service is run by `tasks`, or completed."""
        run_batch(self.sessions, batch, self.origin, tasks)

    def has_access(self, purchase: Purchase) -> bool:
        """Whether the order's course is granted now."""
        active = """
        select exists (select from app.enrollments e join app.order_items i on i.id = e.order_item_id
                       where i.order_id = :id and e.state = 'active')
        """
        return bool(value(self.sessions, active, id=purchase.order_id))

    def outcome(self, event: NewEvent) -> str:
        row = "select state || ': ' || coalesce(outcome, '') from app.webhook_events where event_id = :id"
        return str(value(self.sessions, row, id=event.event_id))

    def order_state(self, purchase: Purchase) -> object:
        return value(self.sessions, "select state from app.orders where id = :id", id=purchase.order_id)

    def findings(self, purchase: Purchase) -> list[str]:
        """The kinds of the open findings about the order."""
        rows = text("select kind from app.findings where order_id = :id and closed_at is null order by kind")
        with self.sessions() as session:
            return list(session.scalars(rows, {"id": purchase.order_id}))

    def payments(self, purchase: Purchase) -> Sequence[tuple[Any, ...]]:
        rows = "select provider_payment_id, state, amount, currency from app.payments where order_id = :id order by 1"
        with self.sessions() as session:
            return [tuple(row) for row in session.execute(text(rows), {"id": purchase.order_id})]

    def audit_tags(self, subject: UUID) -> list[str]:
        with self.sessions() as session:
            rows = text("select tag from app.audit_events where subject_id = :id order by at, id")
            return list(session.scalars(rows, {"id": subject}))

    def fulfil_jobs(self) -> int:
        return int(str(value(self.sessions, "select count(*) from app.jobs where kind = 'orders.fulfil'")))


def process(sessions: sessionmaker[Session], batch: Batch, origin: Origin) -> None:
    """Process a batch as the task does."""
    with statements(sessions) as one:
        left = apply_batch(one, batch, EVENT_HANDLERS, origin)
    if left:
        with sessions.begin() as session:
            apply_one_by_one(session, batch, EVENT_HANDLERS, origin)


def run_batch(
    sessions: sessionmaker[Session],
    batch: Batch,
    origin: Origin,
    tasks: Mapping[str, Callable[[Batch], None]] | None = None,
) -> None:
    """Run one batch as a worker does; a kind that needs an external service is run by `tasks`, or completed."""
    if batch.kind in _HANDLERS:
        with statements(sessions) as one:
            _HANDLERS[batch.kind](one, batch)
    elif batch.kind == ProcessWebhook.kind:
        process(sessions, batch, origin)
    elif tasks and batch.kind in tasks:
        tasks[batch.kind](batch)
    else:
        with sessions.begin() as session:
            complete(session, batch, dict.fromkeys(batch.job_ids))
