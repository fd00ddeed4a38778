"""Queue an email in the transaction of its cause."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.jobs.enqueue import enqueue
from core.messages import SendMail
from db.models import MailMessage


def queue_mail(session: Session, template: str, dedupe_key: str, profile_id: UUID, **params: str) -> None:
    """Queue one email with its job; a `dedupe_key` that has an email already gets no second one."""
    mail_id = session.scalar(
        insert(MailMessage)
        .values(dedupe_key=dedupe_key, template=template, profile_id=profile_id, params=params)
        .on_conflict_do_nothing(index_elements=[MailMessage.dedupe_key])
        .returning(MailMessage.id)
    )
    if mail_id:
        enqueue(session, SendMail(mail_id=mail_id))
