"""Refresh tokens: each is good for one exchange, and only its SHA-256 is kept.

The tokens of one login are a family. A token that comes a second time was copied by somebody, so the whole family is
revoked (RFC 9700, section 4.14.2). An honest client can send one token twice at once, from two tabs: for
`RACE_SECONDS` after the exchange the second is refused and the family lives.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.identity import Identity
from core.problems import Conflict, Unauthorized
from db.models import Profile, RefreshToken

RACE_SECONDS = 10


class RefreshRefused(Unauthorized):
    """The refresh token is unknown, expired, revoked, or was used before."""

    code = "refresh_token_refused"


class RefreshRaced(Conflict):
    """The same token was exchanged a moment ago, by another request of the same client."""

    code = "refresh_token_raced"
    title = "This refresh token was exchanged just now."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is signed in, and the refresh token for the next exchange; it is shown once and never stored."""

    identity: Identity
    refresh_token: str


def sign_in(session: Session, identity: Identity, *, now: datetime, life: timedelta) -> SignedIn:
    """Begin a new family of tokens, the first of which lives `life`."""
    record(session, Tag.ACCOUNT_LOGGED_IN, identity.profile_id, actor_id=identity.profile_id)
    return SignedIn(identity, _issue(session, identity.profile_id, uuid4(), now, life))


def exchange(
    session: Session, token: str, *, now: datetime, life: timedelta
) -> SignedIn | RefreshRefused | RefreshRaced:
    """A new token for an unused one. Refusals are values: the revocation that one causes must be committed."""
    owner, found = _lock(session, token)
    if owner is None or found is None or found.revoked_at or found.expires_at <= now:
        return RefreshRefused("This refresh token is not valid any more; sign in again.")
    if found.used_at is None:
        found.used_at = now
        return SignedIn(Identity(owner.id, owner.role), _issue(session, owner.id, found.family_id, now, life))
    if now - found.used_at <= timedelta(seconds=RACE_SECONDS):
        return RefreshRaced("Use the token of the answer to the other request.")
    _revoke(session, found.family_id, now)
    record(session, Tag.TOKEN_REUSED, owner.id)
    return RefreshRefused("This refresh token was used before, so its whole session is closed; sign in again.")


def sign_out(session: Session, token: str, now: datetime) -> None:
    """Revoke the token's family; a token nobody knows is no error."""
    owner, found = _lock(session, token)
    if owner and found and not found.revoked_at:
        _revoke(session, found.family_id, now)
        record(session, Tag.ACCOUNT_LOGGED_OUT, owner.id, actor_id=owner.id)


def _lock(session: Session, token: str) -> tuple[Profile | None, RefreshToken | None]:
    """The token and its owner. The owner is locked first: exchanges and revocations of one person are serial."""
    digest = _digest(token)
    holder = select(RefreshToken.profile_id).where(RefreshToken.token_hash == digest).scalar_subquery()
    owner = session.scalar(select(Profile).where(Profile.id == holder).with_for_update(key_share=True))
    found = session.scalar(select(RefreshToken).where(RefreshToken.token_hash == digest))
    return owner, found


def _issue(session: Session, profile_id: UUID, family_id: UUID, now: datetime, life: timedelta) -> str:
    token = secrets.token_urlsafe(32)
    session.add(
        RefreshToken(profile_id=profile_id, family_id=family_id, token_hash=_digest(token), expires_at=now + life)
    )
    return token


def _revoke(session: Session, family_id: UUID, now: datetime) -> None:
    session.execute(
        update(RefreshToken)
        .where(RefreshToken.family_id == family_id, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
