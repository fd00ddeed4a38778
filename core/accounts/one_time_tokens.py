"""The one-time tokens of links in emails: each counts once, for one purpose, until it expires."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.links import id_of
from core.problems import Forbidden
from db.models import OneTimeToken, Profile, TokenPurpose

LIVES: Final[dict[TokenPurpose, timedelta]] = {
    "prove_email": timedelta(hours=24),
    "reset_password": timedelta(hours=1),
    "change_email": timedelta(hours=24),
}
# An unused token that is younger than this is not replaced: a form cannot flood an inbox.
AGAIN_AFTER: Final = timedelta(minutes=5)


class TokenRefused(Forbidden):
    """The token is unknown, for something else, expired, or was used."""

    code = "token_refused"
    title = "This link is not valid any more."


def create(session: Session, owner: Profile, purpose: TokenPurpose, email: str, now: datetime) -> UUID | None:
    """A new token in place of the earlier ones for the purpose; None if the address was sent one a moment ago."""
    own = (OneTimeToken.profile_id == owner.id) & (OneTimeToken.purpose == purpose)
    young = own & (OneTimeToken.email == email) & (OneTimeToken.created_at > now - AGAIN_AFTER)
    if session.scalar(select(OneTimeToken.id).where(young, OneTimeToken.used_at.is_(None))):
        return None
    session.execute(delete(OneTimeToken).where(own, OneTimeToken.used_at.is_(None)))
    token = OneTimeToken(
        profile_id=owner.id, purpose=purpose, email=email, created_at=now, expires_at=now + LIVES[purpose]
    )
    session.add(token)
    session.flush()
    return token.id


def redeem(session: Session, secret: str, token: str, purpose: TokenPurpose, now: datetime) -> OneTimeToken:
    """Lock the owner and read the row of a token that has not expired. Raises TokenRefused.

    The caller decides what a token that was used means, and sets `used_at`.
    """
    token_id = id_of(secret, token)
    holder = select(OneTimeToken.profile_id).where(OneTimeToken.id == token_id).scalar_subquery()
    owner = session.scalar(select(Profile).where(Profile.id == holder).with_for_update())
    row = session.get(OneTimeToken, token_id) if token_id and owner and not owner.erased_at else None
    if row is None or row.purpose != purpose or row.expires_at <= now:
        raise refused()
    return row


def refused() -> TokenRefused:
    """The refusal, which does not tell what is wrong with the token."""
    return TokenRefused("Ask for a new one: a link works once, and for a limited time.")
