"""Registration. The caller cannot see whether the address already has an account."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.mail.queue import queue_mail
from db.models import Locale, Profile


@dataclass(frozen=True, slots=True)
class Registration:
    """The data of a new account; the e-mail is normalised, the password is hashed."""

    email: str
    password_hash: str
    display_name: str
    locale: Locale


def register(session: Session, registration: Registration, now: datetime) -> None:
    """Create the account, or mail the owner of the existing account that its address was used.

    Returns nothing, so that the caller cannot tell the two apart.
    """
    created = session.scalar(
        insert(Profile)
        .values(
            email=registration.email,
            password_hash=registration.password_hash,
            display_name=registration.display_name,
            locale=registration.locale,
        )
        .on_conflict_do_nothing(index_elements=[Profile.email])
        .returning(Profile.id)
    )
    if created:
        record(session, Tag.ACCOUNT_REGISTERED, created, actor_id=created)
    else:
        owner = session.scalars(select(Profile.id).where(Profile.email == registration.email)).one()
        _warn_owner(session, owner, now)


def _warn_owner(session: Session, owner: UUID, now: datetime) -> None:
    # At most one mail a day, so that the form cannot be used to flood an inbox.
    queue_mail(session, "register", f"register:{owner}:{now:%Y-%m-%d}", owner)
