"""Give the money of an order item back, because it cannot be given."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.messages import ReturnItem
from core.outcomes import Discard, Done, Outcome
from core.problems import Problem
from core.refunds.intent import Asker, request_refund
from core.refunds.lines import lines_of
from core.refunds.money import covering, money_of
from db.models import Order, OrderItem


def return_item(session: Session, message: ReturnItem, now: datetime) -> Outcome:
    """Ask for the refund of one item, once. A free item needs none; what is disputed is the bank's to decide."""
    order_id = session.get_one(OrderItem, message.order_item_id).order_id
    session.execute(select(Order.id).where(Order.id == order_id).with_for_update())
    line = next(one for one in lines_of(session, order_id) if one.item.id == message.order_item_id)
    paid = covering(money_of(session, order_id))
    if line.given_back or paid is None or line.amount == 0:
        return Done({"refunded": 0})
    try:
        request_refund(session, paid, line.amount, [line], Asker(None, "system", message.reason), now)
    except Problem as problem:
        return Discard(problem.detail)
    return Done({"refunded": line.amount, "currency": paid.currency})
