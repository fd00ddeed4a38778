"""Invite a teacher or an operator: an account without a password, and a link by which its owner chooses one."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.accounts.one_time_tokens import create
from core.accounts.roles import set_role
from core.audit.record import record
from core.audit.tags import Tag
from core.mail.queue import queue_mail
from core.problems import Conflict
from db.models import OneTimeToken, Profile, ProfileRole

INVITATION_LIFE: Final = timedelta(days=7)


class AccountExists(Conflict):
    """The address has an account already."""

    code = "account_exists"
    title = "The address has an account already."


def invite(
    session: Session,
    email: str,
    display_name: str,
    role: ProfileRole,
    *,
    actor_id: UUID,
    reason: str,
    now: datetime,
) -> Profile:
    """Create the account and mail its link. Raises AccountExists."""
    new = insert(Profile).values(email=email, display_name=display_name, password_hash="")
    created = session.scalar(new.on_conflict_do_nothing(index_elements=[Profile.email]).returning(Profile.id))
    if created is None:
        raise AccountExists(f"Give it the role with `aula users set-role {email} {role}`.")
    record(session, Tag.ACCOUNT_REGISTERED, created, actor_id=actor_id)
    account = set_role(session, created, role, actor_id=actor_id, reason=reason)
    if token_id := create(session, account, "reset_password", email, now):
        session.get_one(OneTimeToken, token_id).expires_at = now + INVITATION_LIFE
        queue_mail(session, "invited", f"invited:{token_id}", created, token_id=str(token_id))
    return account
