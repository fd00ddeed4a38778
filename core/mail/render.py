"""The words of each mail, in the reader's language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from core.mail.words import Text, words
from db.models import Course, MailMessage, Order, Profile


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail ready to be sent."""

    to: str
    subject: str
    text: str


def render(session: Session, mail: MailMessage) -> Rendered:
    """Render a stored mail from what is in the database now. Raises KeyError for a template nobody wrote."""
    reader = session.get_one(Profile, mail.profile_id)
    text = TEMPLATES[mail.template](session, reader, mail.params)
    greeting = words(reader.locale, "greeting").format(name=reader.display_name)
    return Rendered(reader.email, text.subject, f"{greeting}\n\n{text.body}\n\n{words(reader.locale, 'signature')}\n")


def money(amount: int, currency: str) -> str:
    """Minor units as a person reads them; the currencies on sale all have two decimals."""
    return f"{amount // 100:,}".replace(",", "\u00a0") + f".{amount % 100:02d} {currency}"


def _receipt(session: Session, reader: Profile, params: Mapping[str, str]) -> Text:
    order = session.scalars(
        select(Order).where(Order.id == UUID(params["order_id"])).options(selectinload(Order.items))
    ).one()
    lines = [
        f"{item.quantity} × {item.title}: {money(item.unit_amount * item.quantity, order.currency)}"
        for item in order.items
    ]
    total = words(reader.locale, "receipt_total").format(total=money(order.total_amount, order.currency))
    return Text(
        words(reader.locale, "receipt_subject"),
        "\n".join([words(reader.locale, "receipt_thanks"), "", *lines, "", total, f"Order {order.id}"]),
    )


def _access(session: Session, reader: Profile, params: Mapping[str, str]) -> Text:
    course = session.get_one(Course, UUID(params["course_id"]))
    return Text(
        words(reader.locale, "access_subject").format(title=course.title),
        words(reader.locale, "access_body").format(title=course.title),
    )


def _register(_session: Session, reader: Profile, _params: Mapping[str, str]) -> Text:
    return Text(words(reader.locale, "register_subject"), words(reader.locale, "register_body"))


TEMPLATES: Mapping[str, Callable[[Session, Profile, Mapping[str, str]], Text]] = {
    "receipt": _receipt,
    "access": _access,
    "register": _register,
}
