"""Send queued mails.

SMTP has no idempotency key. The intent is stored first, and a repeated mail has the same Message-ID, by which mailboxes
recognise duplicates.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.mail.content import Addresses
from core.mail.render import render
from core.messages import SendMail
from core.ports.mail import MESSAGE_ID_DOMAIN, Email
from db.models import MailMessage, Profile


@dataclass(frozen=True, slots=True)
class PreparedMail:
    """A rendered mail, ready for the mail server."""

    mail_id: UUID
    email: Email


def prepare(session: Session, message: SendMail, *, addresses: Addresses) -> PreparedMail | None:
    """Store the intent and render the mail. Returns None if it is sent already, or if its reader is erased."""
    mail = session.get_one(MailMessage, message.mail_id, with_for_update=True)
    if mail.state == "sent":
        return None
    reader = session.get_one(Profile, mail.profile_id)
    if reader.erased_at:
        mail.state = "dead"
        return None
    mail.state = "sending"
    rendered = render(session, mail, reader, addresses)
    message_id = f"<{mail.id}@{MESSAGE_ID_DOMAIN}>"
    parts = (rendered.to, rendered.subject, rendered.text, rendered.html, rendered.calendar)
    return PreparedMail(mail.id, Email(message_id, *parts))


def mark_sent(session: Session, prepared: PreparedMail, now: datetime) -> None:
    """Store that the mail server accepted the mail."""
    mail = session.get_one(MailMessage, prepared.mail_id, with_for_update=True)
    if mail.state != "sent":
        mail.state = "sent"
        mail.sent_at = now
        record(session, Tag.MAIL_SENT, mail.id, data={"dedupe_key": mail.dedupe_key})
