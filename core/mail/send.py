"""Send what is queued.

SMTP has no idempotency key: intent is stored first, and a repetition bears the same Message-ID, by which mailboxes
fold what comes twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid as SqlUuid
from sqlalchemy import cast, select, update
from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.mail.render import render
from core.messages import SendMail
from core.ports.mail import Email
from db.models import Job, MailMessage

MESSAGE_ID_DOMAIN = "mail.aula.example"


@dataclass(frozen=True, slots=True)
class Sending:
    """A mail about to be handed over."""

    mail_id: UUID
    email: Email


def prepare(session: Session, message: SendMail) -> Sending | None:
    """Store the intent and render the mail; None when it is sent already."""
    mail = session.get_one(MailMessage, message.mail_id, with_for_update=True)
    if mail.state == "sent":
        return None
    mail.state = "sending"
    text = render(session, mail)
    return Sending(mail.id, Email(f"<{mail.id}@{MESSAGE_ID_DOMAIN}>", text.to, text.subject, text.text))


def sent(session: Session, sending: Sending, now: datetime) -> None:
    """The next server has taken the mail."""
    mail = session.get_one(MailMessage, sending.mail_id, with_for_update=True)
    if mail.state != "sent":
        mail.state = "sent"
        mail.sent_at = now
        record(session, Tag.MAIL_SENT, mail.id, data={"dedupe_key": mail.dedupe_key})


def on_dead(session: Session, job_ids: Sequence[UUID]) -> None:
    """These mails are given up until an operator replays their jobs."""
    mail_ids = select(cast(Job.payload["mail_id"].astext, SqlUuid)).where(Job.id.in_(job_ids))
    session.execute(
        update(MailMessage).where(MailMessage.id.in_(mail_ids), MailMessage.state != "sent").values(state="dead")
    )
