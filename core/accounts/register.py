"""Registration and the proof of an address. No caller can see whether an address has an account.

An account can sign in when its address is proven, by a link in an email and the password of the registration. Until
then it belongs to no one: the last registration of the address counts. The password is asked for, because a stranger
may have registered the address: its owner, who opens the link, must not open the account for the stranger.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.accounts.one_time_tokens import create, redeem
from core.audit.record import record
from core.audit.tags import Tag
from core.mail.queue import queue_mail
from core.problems import Forbidden
from db.models import Locale, OneTimeToken, Profile


class EmailUnproven(Forbidden):
    """The password is right, but the address of the account is not proven yet."""

    code = "email_unproven"
    title = "Prove your e-mail address first."


@dataclass(frozen=True, slots=True)
class Registration:
    """The data of a new account; the e-mail is normalised, the password is hashed."""

    email: str
    password_hash: str
    display_name: str
    locale: Locale


def register(session: Session, wanted: Registration, now: datetime) -> None:
    """Create the account and mail a link that proves its address; or tell the owner of an account that exists."""
    session.execute(insert(Profile).values(_values(wanted)).on_conflict_do_nothing(index_elements=[Profile.email]))
    account = session.scalars(select(Profile).where(Profile.email == wanted.email).with_for_update()).one()
    if account.email_proven_at:
        # At most one mail a day, so that the form cannot be used to flood an inbox.
        queue_mail(session, "register", f"register:{account.id}:{now:%Y-%m-%d}", account.id)
        return
    if account.password_hash != wanted.password_hash:
        for name, value in _values(wanted).items():
            setattr(account, name, value)
        session.execute(delete(OneTimeToken).where(OneTimeToken.profile_id == account.id))
    record(session, Tag.ACCOUNT_REGISTERED, account.id, actor_id=account.id)
    send_proof(session, account, now)


def register_proven(session: Session, wanted: Registration, now: datetime) -> Profile:
    """Create the account of an address that an operator vouches for."""
    account = Profile(**_values(wanted), email_proven_at=now)
    session.add(account)
    session.flush()
    record(session, Tag.ACCOUNT_REGISTERED, account.id, actor_id=account.id)
    return account


def send_proof(session: Session, account: Profile, now: datetime) -> None:
    """Mail a link that proves the account's address, unless one was sent a moment ago."""
    if token_id := create(session, account, "prove_email", account.email, now):
        queue_mail(session, "prove_email", f"prove_email:{token_id}", account.id, token_id=str(token_id))


def send_proof_again(session: Session, email: str, now: datetime) -> None:
    """The same for an address, if it has an account that needs it."""
    unproven = (Profile.email == email) & Profile.email_proven_at.is_(None) & Profile.erased_at.is_(None)
    if account := session.scalar(select(Profile).where(unproven).with_for_update()):
        send_proof(session, account, now)


def account_of_proof(session: Session, secret: str, token: str, now: datetime) -> Profile:
    """The account that a link is for. Raises TokenRefused."""
    return session.get_one(Profile, redeem(session, secret, token, "prove_email", now).profile_id)


def prove(session: Session, secret: str, token: str, now: datetime) -> Profile:
    """Redeem a link, after the password was right: the account can sign in. Doing it again changes nothing.

    Raises TokenRefused.
    """
    row = redeem(session, secret, token, "prove_email", now)
    account = session.get_one(Profile, row.profile_id)
    if row.used_at is None:
        row.used_at = account.email_proven_at = now
        record(session, Tag.ADDRESS_PROVEN, account.id, actor_id=account.id)
    return account


def _values(wanted: Registration) -> dict[str, str]:
    return {
        "email": wanted.email,
        "password_hash": wanted.password_hash,
        "display_name": wanted.display_name,
        "locale": wanted.locale,
    }
