"""Ask for a refund: by the buyer within the terms, by the teacher of the items, or by an operator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.identity import Identity
from core.problems import InputInvalid, NotFound
from core.refunds.inputs import RefundInput
from core.refunds.intent import Asker, request_refund
from core.refunds.lines import Line, lines_of
from core.refunds.money import Paid, covering, money_of
from core.refunds.problems import ItemRefunded, ItemRepeated, ItemUnknown, OrderNotRefundable, RefundForbidden
from core.refunds.terms import terms_of
from db.models import Order, Refund, RefundRole


@dataclass(frozen=True, slots=True)
class AskedRefund:
    """A refund that was asked for, its lines, and the job that carries it out."""

    refund: Refund
    item_ids: Sequence[UUID]
    job_id: UUID


def ask(session: Session, order_id: UUID, asker: Identity, wanted: RefundInput, *, now: datetime) -> AskedRefund:
    """Store the intent to give money back; a job carries it out. The order's row is locked.

    Raises NotFound, RefundForbidden, InputInvalid or one of its subclasses, or a Conflict of core.refunds.problems.
    """
    order = session.scalar(select(Order).where(Order.id == order_id).with_for_update())
    lines = lines_of(session, order_id) if order else ()
    role = _role(order, lines, asker)
    if order is None or role is None:
        raise NotFound(f"There is no order {order_id}.")
    if role != "buyer" and not wanted.reason:
        raise InputInvalid("Give the reason; the buyer sees it.", field="reason")
    chosen = _chosen(lines, wanted.items)
    _check_authority(role, asker.profile_id, lines, chosen, wanted)
    paid = _paid(session, order)
    if role == "buyer":
        _check_terms(session, order, chosen or [line for line in lines if not line.given_back], now)
    amount = _amount(order, paid, chosen, wanted.amount)
    refund, job_id = request_refund(session, paid, amount, chosen, Asker(asker.profile_id, role, wanted.reason), now)
    return AskedRefund(refund, [line.item.id for line in chosen], job_id)


def _role(order: Order | None, lines: Sequence[Line], asker: Identity) -> RefundRole | None:
    if asker.is_operator:
        return "admin"
    if order and order.profile_id == asker.profile_id:
        return "buyer"
    return "teacher" if any(line.teacher_id == asker.profile_id for line in lines) else None


def _chosen(lines: Sequence[Line], items: Sequence[UUID] | None) -> list[Line]:
    """The lines that are named. Raises ItemUnknown, ItemRepeated."""
    known = {line.item.id: line for line in lines}
    for index, item_id in enumerate(items or ()):
        if item_id not in known:
            raise ItemUnknown(f"Item {index}: the order has no item {item_id}.", field=f"items.{index}")
        if item_id in (items or ())[:index]:
            raise ItemRepeated(f"Item {index} is named before.", field=f"items.{index}")
    return [known[item_id] for item_id in items or ()]


def _check_authority(
    role: RefundRole, asker_id: UUID, lines: Sequence[Line], chosen: Sequence[Line], wanted: RefundInput
) -> None:
    if role == "buyer" and wanted.amount is not None:
        raise RefundForbidden("A buyer can ask for items, or for the whole order.", field="amount")
    if role != "teacher":
        return
    for index, line in enumerate(chosen):
        if line.teacher_id != asker_id:
            raise RefundForbidden(f"Item {index} is another teacher's.", field=f"items.{index}")
    if not chosen and any(line.teacher_id != asker_id for line in lines):
        raise RefundForbidden("Name your own items; others of this order are another teacher's.", field="items")


def _paid(session: Session, order: Order) -> Paid:
    if order.state not in {"paid", "fulfilled", "refunded"}:
        raise OrderNotRefundable(f"The order is {order.state}; only a paid order can be refunded.")
    paid = covering(money_of(session, order.id))
    if paid is None:
        raise OrderNotRefundable("The order was free; nothing was paid for it.")
    return paid


def _check_terms(session: Session, order: Order, lines: Sequence[Line], now: datetime) -> None:
    for terms in terms_of(session, order, lines, now):
        if terms.refusal:
            raise terms.refusal


def _amount(order: Order, paid: Paid, chosen: Sequence[Line], amount: int | None) -> int:
    """How much to give back. Raises ItemRefunded, InputInvalid, OrderNotRefundable, RefundOverLeft."""
    for line in chosen:
        if line.given_back:
            raise ItemRefunded(f"{line.item.title}: its money was given back, or is on its way back.")
    if chosen and paid.currency != order.currency:
        raise OrderNotRefundable(f"It was paid in {paid.currency}: refund the whole order or an amount.", field="items")
    wanted = sum(line.amount for line in chosen) if chosen else amount or paid.left
    if chosen and not wanted:
        raise InputInvalid("These items were free; there is nothing to give back.", field="items")
    paid.require(wanted, field="items" if chosen else "amount" if amount else None)
    return wanted
