"""Orders as their buyer sees them: items, payment state, entitlements, and the job that fulfils them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, case, func, select
from sqlalchemy.orm import Session

from core.messages import FulfilOrder
from core.orders.products import PRODUCT_KINDS, Entitlement
from core.paging import Newest, PageRequest, Slice, cut
from core.problems import NotFound
from db.models import Job, Order, OrderItem, OrderState, Payment, PaymentState, Refund


@dataclass(frozen=True, slots=True)
class ItemView:
    """One item; `unit_amount` in minor units of the order's currency; `entitlement` is what the buyer has now."""

    id: UUID
    course_id: UUID | None
    service_id: UUID | None
    title: str
    unit_amount: int
    quantity: int
    entitlement: Entitlement
    refunded_at: datetime | None


@dataclass(frozen=True, slots=True)
class OrderView:
    """One order; `payment_state` is None until a payment is known, `job_id` until the order is paid.

    `refunded_amount` was given back, or is on its way back: less than was paid for an order that is partly refunded.
    """

    id: UUID
    state: OrderState
    total_amount: int
    currency: str
    items: Sequence[ItemView]
    payment_state: PaymentState | None
    refunded_amount: int
    job_id: UUID | None
    created_at: datetime
    expires_at: datetime
    paid_at: datetime | None
    fulfilled_at: datetime | None


def view(session: Session, order_id: UUID, viewer_id: UUID, *, sees_all: bool = False) -> OrderView:
    """The viewer's own order, or any order if `sees_all`. Raises NotFound, also for another buyer's order."""
    order = session.get(Order, order_id)
    if order is None or not (sees_all or order.profile_id == viewer_id):
        raise NotFound(f"There is no order {order_id}.")
    return _views(session, [order])[0]


def list_own(session: Session, buyer_id: UUID, page: PageRequest[Newest]) -> Slice[OrderView, Newest]:
    """The buyer's orders, newest first."""
    wanted = select(Order).where(Order.profile_id == buyer_id).order_by(Order.id.desc()).limit(page.fetch)
    if page.after:
        # Ids are ordered by time, and the index orders_profile by id.
        wanted = wanted.where(Order.id < page.after[1])
    rows = cut(session.scalars(wanted).all(), page, lambda order: (order.created_at, order.id))
    return Slice(_views(session, rows.items), rows.next)


def _views(session: Session, orders: Sequence[Order]) -> list[OrderView]:
    ids = [order.id for order in orders]
    items, payments, jobs = _items(session, ids), _payments(session, ids), _jobs(session, orders)
    refunded = _refunded(session, ids)
    return [
        OrderView(
            id=order.id,
            state=order.state,
            total_amount=order.total_amount,
            currency=order.currency,
            items=items[order.id],
            payment_state=payments.get(order.id),
            refunded_amount=refunded.get(order.id, 0),
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
                title=item.title,
                unit_amount=item.unit_amount,
                quantity=item.quantity,
                entitlement=state,
                refunded_at=item.refunded_at,
            )
        )
    return found


def _payments(session: Session, order_ids: Sequence[UUID]) -> Mapping[UUID, PaymentState]:
    """The state of each order's last payment; a succeeded payment takes precedence over later ones."""
    rows = session.execute(
        select(Payment.order_id, Payment.state)
        .where(Payment.order_id.in_(order_ids))
        .order_by(Payment.state == "succeeded", Payment.id)
    )
    return dict(rows.all())


def _refunded(session: Session, order_ids: Sequence[UUID]) -> Mapping[UUID, int]:
    rows = session.execute(
        select(Payment.order_id, func.sum(Refund.amount).cast(BigInteger))
        .join(Refund, Refund.provider_payment_id == Payment.provider_payment_id)
        .where(Payment.order_id.in_(order_ids), Refund.state.in_(("requested", "pending", "succeeded")))
        .group_by(Payment.order_id)
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
