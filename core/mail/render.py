"""Render each mail in the reader's language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from core.mail.content import Content, Reading
from core.mail.layout import as_html, as_text
from core.mail.templates import accounts, courses, disputes, orders, payments, privacy, refunds
from db.models import MailMessage, Profile


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail ready to be sent; both parts have the same words."""

    to: str
    subject: str
    text: str
    html: str


TEMPLATES: Final[Mapping[str, Callable[[Reading, Mapping[str, str]], Content]]] = {
    "receipt": orders.receipt,
    "cancelled": orders.cancelled,
    "expired": orders.expired,
    "payment_begun": payments.begun,
    "payment_failed": payments.failed,
    "refunded": refunds.refunded,
    "refund_failed": refunds.failed,
    "disputed": disputes.disputed,
    "dispute_won": disputes.won,
    "dispute_lost": disputes.lost,
    "access": courses.access,
    "gift": courses.given,
    "register": accounts.register,
    "export_ready": privacy.export_ready,
}


def render(session: Session, mail: MailMessage, reader: Profile, app_url: str) -> Rendered:
    """Render a stored mail from the current data; its links lead to `app_url`. Raises KeyError for another template."""
    reading = Reading(session, reader, app_url)
    content = TEMPLATES[mail.template](reading, mail.params)
    greeting, signature = reading.say("greeting", name=reader.display_name), reading.say("signature")
    return Rendered(
        reader.email,
        content.subject,
        as_text(content, greeting, signature),
        as_html(content, greeting, signature, reading.language),
    )
