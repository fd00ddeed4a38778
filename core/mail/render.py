"""Render each mail in the reader's language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from core.mail.content import Addresses, Content, Reading
from core.mail.layout import as_html, as_text
from core.mail.templates import accounts, courses, disputes, orders, payments, privacy, refunds, seminars
from db.models import MailMessage, Profile


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail ready to be sent; both parts have the same words."""

    to: str
    subject: str
    text: str
    html: str
    calendar: bytes | None = None


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
    "seat": seminars.seat,
    "seat_gone": seminars.seat_gone,
    "seat_offered": seminars.seat_offered,
    "seminar_moved": seminars.moved,
    "seminar_cancelled": seminars.cancelled,
    "seminar_tomorrow": seminars.tomorrow,
    "seminar_soon": seminars.soon,
    "register": accounts.register,
    "prove_email": accounts.prove_email,
    "reset_password": accounts.reset_password,
    "invited": accounts.invited,
    "password_changed": accounts.password_changed,
    "change_email": accounts.change_email,
    "email_changing": accounts.email_changing,
    "sign_ins_refused": accounts.sign_ins_refused,
    "codes_refused": accounts.codes_refused,
    "second_factor_on": accounts.second_factor_on,
    "second_factor_off": accounts.second_factor_off,
    "second_factor_reset": accounts.second_factor_reset,
    "recovery_code_used": accounts.recovery_code_used,
    "recovery_codes_renewed": accounts.recovery_codes_renewed,
    "export_ready": privacy.export_ready,
}


def render(session: Session, mail: MailMessage, reader: Profile, addresses: Addresses) -> Rendered:
    """Render a stored mail from the current data; links lead to `addresses`. Raises KeyError for another template."""
    reading = Reading(session, reader, addresses)
    content = TEMPLATES[mail.template](reading, mail.params)
    # Who has not proven the address may have written a stranger's, and a text of their choice as the name.
    greeting = reading.say("greeting", name=reader.display_name) if reader.email_proven_at else reading.say("hello")
    signature = reading.say("signature")
    return Rendered(
        content.to or reader.email,
        content.subject,
        as_text(content, greeting, signature),
        as_html(content, greeting, signature, reading.language),
        content.calendar,
    )
