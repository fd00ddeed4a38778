"""Render each mail in the reader's language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from core.mail.phrases import Text, phrase
from db.models import Course, MailMessage, Order, Profile, Refund


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail ready to be sent."""

    to: str
    subject: str
    text: str


def render(session: Session, mail: MailMessage) -> Rendered:
    """Render a stored mail from the current data. Raises KeyError for an unknown template."""
    reader = session.get_one(Profile, mail.profile_id)
    text = TEMPLATES[mail.template](session, reader, mail.params)
    greeting = phrase(reader.locale, "greeting").format(name=reader.display_name)
    return Rendered(reader.email, text.subject, f"{greeting}\n\n{text.body}\n\n{phrase(reader.locale, 'signature')}\n")


def money(amount: int, currency: str) -> str:
    """An amount in minor units as text; every allowed currency has two decimals."""
    return f"{amount // 100:,}".replace(",", "\u00a0") + f".{amount % 100:02d} {currency}"


def _receipt(session: Session, reader: Profile, params: Mapping[str, str]) -> Text:
    order = session.scalars(
        select(Order).where(Order.id == UUID(params["order_id"])).options(selectinload(Order.items))
    ).one()
    lines = [
        f"{item.quantity} × {item.title}: {money(item.unit_amount * item.quantity, order.currency)}"
        for item in order.items
    ]
    total = phrase(reader.locale, "receipt_total").format(total=money(order.total_amount, order.currency))
    return Text(
        phrase(reader.locale, "receipt_subject"),
        "\n".join([phrase(reader.locale, "receipt_thanks"), "", *lines, "", total, f"Order {order.id}"]),
    )


def _access(session: Session, reader: Profile, params: Mapping[str, str]) -> Text:
    course = session.get_one(Course, UUID(params["course_id"]))
    return Text(
        phrase(reader.locale, "access_subject").format(title=course.title),
        phrase(reader.locale, "access_body").format(title=course.title),
    )


def _refunded(session: Session, reader: Profile, params: Mapping[str, str]) -> Text:
    return _about_refund(session, reader, params, "refunded")


def _refund_failed(session: Session, reader: Profile, params: Mapping[str, str]) -> Text:
    return _about_refund(session, reader, params, "refund_failed")


def _about_refund(session: Session, reader: Profile, params: Mapping[str, str], name: str) -> Text:
    refund = session.get_one(Refund, UUID(params["refund_id"]))
    body = phrase(reader.locale, f"{name}_body").format(total=money(refund.amount, refund.currency))
    return Text(phrase(reader.locale, f"{name}_subject"), f"{body}\n\nOrder {params['order_id']}")


def _register(_session: Session, reader: Profile, _params: Mapping[str, str]) -> Text:
    return Text(phrase(reader.locale, "register_subject"), phrase(reader.locale, "register_body"))


TEMPLATES: Mapping[str, Callable[[Session, Profile, Mapping[str, str]], Text]] = {
    "receipt": _receipt,
    "access": _access,
    "refunded": _refunded,
    "refund_failed": _refund_failed,
    "register": _register,
}
