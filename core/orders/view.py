"""Orders as their buyer sees them: items, payment state, entitlements, and the job that fulfils them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from core.messages import FulfilOrder
from core.orders.products import PRODUCT_KINDS, Entitlement
from core.orders.situation import FAILED, RECEIVED, RETURNED, Money, Situation, situation_of
from core.paging import Newest, PageRequest, Slice, cut
from core.problems import NotFound
from db.models import Job, Order, OrderItem, OrderState, Payment, PaymentState

# A dispute takes weeks.
_ENDED: Final = frozenset({"cancelled", "expired", "refunded", "disputed"})


@dataclass(frozen=True, slots=True)
class ItemView:
    """One item; `unit_amount` in minor units of the order's currency; `entitlement` is what the buyer has now."""

    id: UUID
    course_id: UUID | None
    service_id: UUID | None
    seminar_id: UUID | None
    title: str
    unit_amount: int
    quantity: int
    entitlement: Entitlement
    refunded_at: datetime | None


@dataclass(frozen=True, slots=True)
class OrderView:
    """One order; `payment_state` is None until a payment is known, `job_id` until the order is paid.

    `situation` is what the buyer is told; `refunded_amount` is on its way back or has come back, in minor units.
    """

    id: UUID
    state: OrderState
    situation: Situation
    total_amount: int
    refunded_amount: int
    currency: str
    items: Sequence[ItemView]
    payment_state: PaymentState | None
    job_id: UUID | None
    created_at: datetime
    expires_at: datetime
    paid_at: datetime | None
    fulfilled_at: datetime | None

    @property
    def finished(self) -> bool:
        """Whether nothing more is expected soon: the order has ended, or each item was given or refunded."""
        if self.state == "fulfilled":
            return all(item.entitlement != "none" or item.refunded_at for item in self.items)
        return self.state in _ENDED


def view(session: Session, order_id: UUID, viewer_id: UUID, *, now: datetime, sees_all: bool = False) -> OrderView:
    """The viewer's own order, or any order if `sees_all`. Raises NotFound, also for another buyer's order."""
    order = session.get(Order, order_id)
    if order is None or not (sees_all or order.profile_id == viewer_id):
        raise NotFound(f"There is no order {order_id}.")
    return _views(session, [order], now)[0]


def list_own(session: Session, buyer_id: UUID, page: PageRequest[Newest], now: datetime) -> Slice[OrderView, Newest]:
    """The buyer's orders, newest first."""
    wanted = select(Order).where(Order.profile_id == buyer_id).order_by(Order.id.desc()).limit(page.fetch)
    if page.after:
        # Ids are ordered by time, and the index orders_profile by id.
        wanted = wanted.where(Order.id < page.after[1])
    rows = cut(session.scalars(wanted).all(), page, lambda order: (order.created_at, order.id))
    return Slice(_views(session, rows.items, now), rows.next)


def _views(session: Session, orders: Sequence[Order], now: datetime) -> list[OrderView]:
    ids = [order.id for order in orders]
    items, payments, jobs = _items(session, ids), _payments(session, ids), _jobs(session, orders)
    money = _money(session, ids)
    return [
        OrderView(
            id=order.id,
            state=order.state,
            situation=situation_of(order, money[order.id], now),
            total_amount=order.total_amount,
            refunded_amount=money[order.id].returned,
            currency=order.currency,
            items=items[order.id],
            payment_state=payments.get(order.id),
            job_id=jobs.get(order.id),
            created_at=order.created_at,
            expires_at=order.expires_at,
            paid_at=order.paid_at,
            fulfilled_at=order.fulfilled_at,
        )
        for order in orders
    ]


def _items(session: Session, order_ids: Sequence[UUID]) -> Mapping[UUID, list[ItemView]]:
    entitlement = case(*((kind.entitled, kind.entitlement) for kind in PRODUCT_KINDS), else_="none")
    rows = session.execute(
        select(OrderItem, entitlement)
        .join(Order, Order.id == OrderItem.order_id)
        .where(OrderItem.order_id.in_(order_ids))
        .order_by(OrderItem.id)
    )
    found: defaultdict[UUID, list[ItemView]] = defaultdict(list)
    for item, state in rows:
        found[item.order_id].append(
            ItemView(
                id=item.id,
                course_id=item.course_id,
                service_id=item.service_id,
                seminar_id=item.seminar_id,
                title=item.title,
                unit_amount=item.unit_amount,
                quantity=item.quantity,
                entitlement=state,
                refunded_at=item.refunded_at,
            )
        )
    return found


def _money(session: Session, order_ids: Sequence[UUID]) -> Mapping[UUID, Money]:
    rows = session.execute(select(Order.id, RECEIVED, RETURNED, FAILED).where(Order.id.in_(order_ids)))
    return {order_id: Money(received, returned, failed) for order_id, received, returned, failed in rows}


def _payments(session: Session, order_ids: Sequence[UUID]) -> Mapping[UUID, PaymentState]:
    """The state of each order's last payment; a succeeded payment takes precedence over later ones."""
    rows = session.execute(
        select(Payment.order_id, Payment.state)
        .where(Payment.order_id.in_(order_ids))
        .order_by(Payment.state == "succeeded", Payment.id)
    )
    return dict(rows.all())


def _jobs(session: Session, orders: Sequence[Order]) -> Mapping[UUID, UUID]:
    """The job that fulfils each order; a finished job is pruned after its retention time."""
    order_id = Job.payload["order_id"].astext
    rows = session.execute(
        select(order_id, Job.id)
        .where(
            Job.kind == FulfilOrder.kind,
            Job.profile_id.in_({order.profile_id for order in orders}),
            order_id.in_([str(order.id) for order in orders]),
        )
        .order_by(Job.id)
    )
    return {UUID(of_order): job_id for of_order, job_id in rows}
