"""Render each mail in the reader's language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from core.mail.phrases import Text, phrase
from db.models import Course, MailMessage, Order, Profile


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


def _gift(session: Session, reader: Profile, params: Mapping[str, str]) -> Text:
    title = session.get_one(Course, UUID(params["course_id"])).title
    return Text(
        phrase(reader.locale, "gift_subject").format(title=title),
        phrase(reader.locale, "access_body").format(title=title),
    )


def _refunded(session: Session, reader: Profile, params: Mapping[str, str]) -> Text:
    order = session.get_one(Order, UUID(params["order_id"]))
    total = money(order.total_amount, order.currency)
    body = phrase(reader.locale, "refunded_body").format(total=total)
    return Text(phrase(reader.locale, "refunded_subject"), f"{body}\n\nOrder {order.id}")


def _register(_session: Session, reader: Profile, _params: Mapping[str, str]) -> Text:
    return Text(phrase(reader.locale, "register_subject"), phrase(reader.locale, "register_body"))


TEMPLATES: Mapping[str, Callable[[Session, Profile, Mapping[str, str]], Text]] = {
    "receipt": _receipt,
    "access": _access,
    "gift": _gift,
    "refunded": _refunded,
    "register": _register,
}
