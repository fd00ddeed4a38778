"""Change a password: by the one in use, or by a link in an email for who has forgotten it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.accounts.one_time_tokens import create, redeem, refused
from core.accounts.sessions import end_sessions
from core.audit.record import record
from core.audit.tags import Tag
from core.identity import Identity
from core.mail.queue import queue_mail
from db.models import Profile


def send_reset(session: Session, email: str, now: datetime) -> None:
    """Mail a link by which the owner of an address sets a new password, if the address has an account."""
    there = (Profile.email == email) & Profile.erased_at.is_(None)
    account = session.scalar(select(Profile).where(there).with_for_update())
    if account and (token_id := create(session, account, "reset_password", email, now)):
        queue_mail(session, "reset_password", f"reset_password:{token_id}", account.id, token_id=str(token_id))


def email_of_reset(session: Session, secret: str, token: str, now: datetime) -> str:
    """The address of the account that a link is for. Raises TokenRefused."""
    row = redeem(session, secret, token, "reset_password", now)
    if row.used_at:
        raise refused()
    return session.get_one(Profile, row.profile_id).email


def reset(session: Session, secret: str, token: str, password_hash: str, now: datetime) -> None:
    """Redeem a link: set the password, end every session, and take the address as proven. Raises TokenRefused."""
    row = redeem(session, secret, token, "reset_password", now)
    if row.used_at:
        raise refused()
    account = session.get_one(Profile, row.profile_id)
    row.used_at = now
    account.password_hash = password_hash
    if row.email == account.email:
        account.email_proven_at = account.email_proven_at or now
    end_sessions(session, account.id, now)
    record(session, Tag.PASSWORD_RESET, account.id, actor_id=account.id)
    _tell(session, account.id, now)


def change(session: Session, caller: Identity, password_hash: str, now: datetime) -> None:
    """Set the caller's password, and end every other session."""
    session.get_one(Profile, caller.profile_id, with_for_update=True).password_hash = password_hash
    end_sessions(session, caller.profile_id, now, keep=caller.session_id)
    record(session, Tag.PASSWORD_CHANGED, caller.profile_id, actor_id=caller.profile_id)
    _tell(session, caller.profile_id, now)


def _tell(session: Session, profile_id: UUID, now: datetime) -> None:
    queue_mail(session, "password_changed", f"password_changed:{profile_id}:{now.isoformat()}", profile_id)
