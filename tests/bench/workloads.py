"""The backlogs: how to load them, how to read the progress, and the rows that must exist at the end."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString, NamedTuple

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.jobs.enqueue import enqueue
from core.jobs.schedules import install
from core.messages import FulfilOrder
from core.webhooks.parse import read_stripe_event
from tests.bench.harness import Loader, chunks
from tests.support.purchases import paid_event, place_orders
from tests.support.stored_events import store


class Progress(NamedTuple):
    """The number of complete jobs, and the times of the first and the last effect."""

    done: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class Workload:
    """`effects` counts the rows that a system has written; `expected` gives them as multiples of the backlog."""

    name: str
    load: Loader
    progress: LiteralString
    effects: LiteralString
    expected: Mapping[str, int]

    def read_progress(self, connection: psycopg.Connection[tuple[object, ...]]) -> Progress:
        row = connection.execute(self.progress).fetchone()
        if row is None:
            raise LookupError(self.name)
        done, first, last = row
        assert isinstance(done, int)
        assert first is None or isinstance(first, datetime)
        assert last is None or isinstance(last, datetime)
        return Progress(done, first, last)

    def check(self, connection: psycopg.Connection[tuple[object, ...]], count: int) -> None:
        """Raise ValueError unless every effect exists exactly once."""
        row = connection.execute(self.effects).fetchone()
        found = dict(zip(self.expected, row or (), strict=True))
        expected = {name: times * count for name, times in self.expected.items()}
        if found != expected:
            raise ValueError(f"{self.name}: {found} instead of {expected}")


def load_pending_orders(session: Session, count: int) -> None:
    """Pending orders; emails stay queued."""
    _install(session, "mail.send")
    for chunk in chunks(count):
        place_orders(session, chunk)
        session.commit()


def load_stored_webhooks(session: Session, count: int) -> None:
    """Pending orders with a stored webhook of their payment; emails stay queued, and schedules are paused."""
    _install(session, "mail.send")
    _pause_schedules(session)
    for chunk in chunks(count):
        store(session, [read_stripe_event(paid_event(purchase)) for purchase in place_orders(session, chunk)])
        session.commit()


def load_paid_orders(session: Session, count: int) -> None:
    """Paid orders, not fulfilled; follow-up jobs stay queued."""
    _install(session, "mail.send", "enrollments.grant")
    _pause_schedules(session)
    for chunk in chunks(count):
        orders = place_orders(session, chunk)
        session.execute(text("update app.orders set state = 'paid', paid_at = now() where state = 'pending'"))
        enqueue(session, *(FulfilOrder(order_id=order.order_id) for order in orders))
        session.commit()


def _install(session: Session, *paused_kinds: str) -> None:
    install(session)
    pause = text("update app.job_kinds set paused_at = now(), pause_reason = 'measuring' where kind = any (:kinds)")
    session.execute(pause, {"kinds": list(paused_kinds)})
    session.commit()


def _pause_schedules(session: Session) -> None:
    session.execute(text("update app.schedules set paused_at = now()"))
    session.commit()


PURCHASES: Final = Workload(
    "purchases",
    load_stored_webhooks,
    progress="""
    select (select count(*) from app.enrollments), (select min(processed_at) from app.webhook_events),
           (select max(granted_at) from app.enrollments)
    """,
    effects="""
    select (select count(*) from app.payments where state = 'succeeded'),
           (select count(*) from app.orders where state = 'fulfilled'),
           (select count(*) from app.enrollments),
           (select count(*) from app.mail_messages where template = 'receipt'),
           (select count(*) from app.mail_messages where template = 'access'),
           (select count(*) from app.audit_events)
    """,
    expected={"payments": 1, "fulfilled": 1, "enrollments": 1, "receipts": 1, "access": 1, "audited": 3},
)
FULFILMENTS: Final = Workload(
    "orders.fulfil",
    load_paid_orders,
    progress="""
    select count(*), min(fulfilled_at), max(fulfilled_at) from app.orders where fulfilled_at is not null
    """,
    effects="""
    select (select count(*) from app.orders where state = 'fulfilled'),
           (select count(*) from app.mail_messages where template = 'receipt'),
           (select count(*) from app.audit_events)
    """,
    expected={"fulfilled": 1, "receipts": 1, "audited": 1},
)
