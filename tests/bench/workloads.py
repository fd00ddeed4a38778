"""What is drained: a backlog, how to load it, how to see how far it has come, and what must be there at the end."""

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
from tests.bench.arena import Load, portions
from tests.support.purchases import paid_event, place_orders
from tests.support.stored_events import store


class Progress(NamedTuple):
    """How many are complete, when the first effect began, and when the last was made."""

    done: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class Workload:
    """`effects` counts what each contestant must have written, as multiples of the backlog in `wanted`."""

    name: str
    load: Load
    progress: LiteralString
    effects: LiteralString
    wanted: Mapping[str, int]

    def look(self, connection: psycopg.Connection[tuple[object, ...]]) -> Progress:
        row = connection.execute(self.progress).fetchone()
        if row is None:
            raise LookupError(self.name)
        done, first, last = row
        assert isinstance(done, int)
        assert first is None or isinstance(first, datetime)
        assert last is None or isinstance(last, datetime)
        return Progress(done, first, last)

    def check(self, connection: psycopg.Connection[tuple[object, ...]], count: int) -> None:
        """Raise ValueError unless every effect is there, once."""
        row = connection.execute(self.effects).fetchone()
        found = dict(zip(self.wanted, row or (), strict=True))
        wanted = {name: times * count for name, times in self.wanted.items()}
        if found != wanted:
            raise ValueError(f"{self.name}: {found} instead of {wanted}")


def place(session: Session, count: int) -> None:
    """Orders that wait for their money; mail stays queued."""
    _install(session, "mail.send")
    for portion in portions(count):
        place_orders(session, portion)
        session.commit()


def store_purchases(session: Session, count: int) -> None:
    """Paid purchases up to the stored webhook; mail stays queued, and nothing is due by schedule."""
    _install(session, "mail.send")
    _stop_schedules(session)
    for portion in portions(count):
        store(session, [read_stripe_event(paid_event(one)) for one in place_orders(session, portion)])
        session.commit()


def store_paid_orders(session: Session, count: int) -> None:
    """Orders that are paid and not fulfilled; what follows stays queued."""
    _install(session, "mail.send", "enrollments.grant")
    _stop_schedules(session)
    for portion in portions(count):
        orders = place_orders(session, portion)
        session.execute(text("update app.orders set state = 'paid', paid_at = now() where state = 'pending'"))
        enqueue(session, *(FulfilOrder(order_id=order.order_id) for order in orders))
        session.commit()


def _install(session: Session, *held: str) -> None:
    install(session)
    pause = text("update app.job_kinds set paused_at = now(), pause_reason = 'measuring' where kind = any (:held)")
    session.execute(pause, {"held": list(held)})
    session.commit()


def _stop_schedules(session: Session) -> None:
    session.execute(text("update app.schedules set paused_at = now()"))
    session.commit()


PURCHASES: Final = Workload(
    "purchases",
    store_purchases,
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
    wanted={"payments": 1, "fulfilled": 1, "enrollments": 1, "receipts": 1, "access": 1, "audited": 3},
)
FULFILMENTS: Final = Workload(
    "orders.fulfil",
    store_paid_orders,
    progress="""
    select count(*), min(fulfilled_at), max(fulfilled_at) from app.orders where fulfilled_at is not null
    """,
    effects="""
    select (select count(*) from app.orders where state = 'fulfilled'),
           (select count(*) from app.mail_messages where template = 'receipt'),
           (select count(*) from app.audit_events)
    """,
    wanted={"fulfilled": 1, "receipts": 1, "audited": 1},
)
