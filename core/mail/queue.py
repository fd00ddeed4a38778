"""Queue an email in the transaction of its cause."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.jobs.enqueue import enqueue
from core.messages import SendMail
from db.models import MailMessage


def queue_mail(session: Session, template: str, dedupe_key: str, profile_id: UUID, **params: str) -> None:
    """Queue one email with its job; a `dedupe_key` that has an email already gets no second one."""
    queue_mails(session, template, {dedupe_key: profile_id}, **params)


def queue_mails(session: Session, template: str, readers: Mapping[str, UUID], **params: str) -> int:
    """The same for many readers, each by a dedupe key; returns how many emails were queued."""
    if not readers:
        return 0
    rows = [
        {"dedupe_key": key, "template": template, "profile_id": reader, "params": params}
        for key, reader in sorted(readers.items())
    ]
    mail_ids = session.scalars(
        insert(MailMessage).on_conflict_do_nothing(index_elements=[MailMessage.dedupe_key]).returning(MailMessage.id),
        rows,
    ).all()
    if mail_ids:
        enqueue(session, *(SendMail(mail_id=mail_id) for mail_id in mail_ids))
    return len(mail_ids)
