"""Change the address of an account: the new one is proven by a link, the old one is told."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.accounts.one_time_tokens import create, redeem, refused
from core.accounts.profile import erase
from core.accounts.sessions import end_sessions
from core.audit.record import record
from core.audit.tags import Tag
from core.identity import Identity
from core.mail.queue import queue_mail
from core.problems import Conflict
from db.models import Profile


class EmailTaken(Conflict):
    """Another account has the address meanwhile. Only who owns the address learns it."""

    code = "email_taken"
    title = "Another account has this address."


def ask(session: Session, caller: Identity, new_email: str, now: datetime) -> None:
    """Mail a link to the new address, and a warning to the old one. The answer does not tell whether it is free."""
    account = session.get_one(Profile, caller.profile_id, with_for_update=True)
    if token_id := create(session, account, "change_email", new_email, now):
        queue_mail(session, "change_email", f"change_email:{token_id}", account.id, token_id=str(token_id))
        queue_mail(session, "email_changing", f"email_changing:{token_id}", account.id, token_id=str(token_id))


def confirm(session: Session, secret: str, token: str, now: datetime) -> Profile:
    """Redeem a link: the account has the new address, and its sessions end. Raises TokenRefused, EmailTaken."""
    row = redeem(session, secret, token, "change_email", now)
    if row.used_at:
        raise refused()
    account = session.get_one(Profile, row.profile_id)
    # An account whose address was never proven has no claim to it.
    unproven = (Profile.email == row.email) & Profile.email_proven_at.is_(None)
    if stranger := session.scalar(select(Profile.id).where(unproven).with_for_update()):
        erase(session, stranger, now)
    row.used_at = now
    try:
        with session.begin_nested():
            account.email, account.email_proven_at = row.email, now
    except IntegrityError:
        raise EmailTaken("Sign in to that account, or choose another address.") from None
    end_sessions(session, account.id, now)
    record(session, Tag.ADDRESS_CHANGED, account.id, actor_id=account.id)
    return account
