"""Emails about refunds."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import func, select

from core.formats import money
from core.mail.content import Content, Reading
from core.mail.templates.orders import order_details, order_link, order_of
from db.models import Order, Payment, Refund


def refunded(reading: Reading, params: Mapping[str, str]) -> Content:
    """A refund succeeded: its amount, and what remains paid."""
    refund = reading.session.get_one(Refund, UUID(params["refund_id"]))
    remaining = _remaining(reading, refund)
    name = "refunded_partly" if remaining else "refunded"
    return _about(reading, params, refund, name, remaining=money(remaining, refund.currency, reading.language))


def failed(reading: Reading, params: Mapping[str, str]) -> Content:
    """A refund failed: the buyer's bank did not take the money."""
    refund = reading.session.get_one(Refund, UUID(params["refund_id"]))
    return _about(reading, params, refund, "refund_failed")


def _about(reading: Reading, params: Mapping[str, str], refund: Refund, name: str, **values: str) -> Content:
    order = order_of(reading, params)
    amount = money(refund.amount, refund.currency, reading.language)
    return Content(
        reading.say(f"{name}_subject"),
        [reading.say(f"{name}_body", amount=amount, **values), *_access(reading, order)],
        details=order_details(reading, order),
        links=[order_link(reading, order)],
    )


def _access(reading: Reading, order: Order) -> Sequence[str]:
    """What the refunds mean for the access; an order may be paid twice, and an unpaid one gave none."""
    match order.state:
        case "refunded":
            return [reading.say("access_ended")]
        case "paid" | "fulfilled":
            return [reading.say("access_kept")]
        case _:
            return []


def _remaining(reading: Reading, refund: Refund) -> int:
    """What remains of the payment, in minor units."""
    paid = select(Payment.amount).where(Payment.provider_payment_id == refund.provider_payment_id)
    back = select(func.coalesce(func.sum(Refund.amount), 0)).where(
        Refund.provider_payment_id == refund.provider_payment_id, Refund.state == "succeeded"
    )
    return max(0, reading.session.scalars(paid).one() - int(reading.session.scalars(back).one()))
