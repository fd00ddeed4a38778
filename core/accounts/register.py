"""Registration: alike to whoever asks, whether the address has an account or not."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.jobs.enqueue import enqueue
from core.messages import SendMail
from db.models import Locale, MailMessage, Profile


@dataclass(frozen=True, slots=True)
class Registration:
    """A wanted account; the e-mail is normalised, the password already hashed."""

    email: str
    password_hash: str
    display_name: str
    locale: Locale


def register(session: Session, wanted: Registration, now: datetime) -> None:
    """Make the account, or tell the owner of the existing one that somebody tried.

    Nothing comes back, so that nothing can be told.
    """
    made = session.scalar(
        insert(Profile)
        .values(
            email=wanted.email,
            password_hash=wanted.password_hash,
            display_name=wanted.display_name,
            locale=wanted.locale,
        )
        .on_conflict_do_nothing(index_elements=[Profile.email])
        .returning(Profile.id)
    )
    if made:
        record(session, Tag.ACCOUNT_REGISTERED, made, actor_id=made)
    else:
        owner = session.scalars(select(Profile.id).where(Profile.email == wanted.email)).one()
        _warn(session, owner, now)


def _warn(session: Session, owner: UUID, now: datetime) -> None:
    # One mail a day at most: the form is no way to flood somebody's inbox.
    mail_id = session.scalar(
        insert(MailMessage)
        .values(dedupe_key=f"register:{owner}:{now:%Y-%m-%d}", template="register", profile_id=owner)
        .on_conflict_do_nothing(index_elements=[MailMessage.dedupe_key])
        .returning(MailMessage.id)
    )
    if mail_id:
        enqueue(session, SendMail(mail_id=mail_id))
