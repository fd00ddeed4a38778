"""Refresh tokens: each can be exchanged once, and only its SHA-256 is stored.

The tokens of one login are a family. A token that is used again may be stolen, so the whole family is revoked
(RFC 9700, section 4.14.2). A client can also send one token twice at once, from two tabs: within `RACE_SECONDS` of the
exchange the second request is refused and the family stays valid.
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
    """The refresh token is unknown, expired, revoked or used."""

    code = "refresh_token_refused"


class RefreshRaced(Conflict):
    """The same token was exchanged a moment ago, by another request of the same client."""

    code = "refresh_token_raced"
    title = "This refresh token was exchanged just now."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A signed-in identity and the refresh token for the next exchange, which is never stored in plain text."""

    identity: Identity
    refresh_token: str


def sign_in(session: Session, identity: Identity, *, now: datetime, lifetime: timedelta) -> SignedIn:
    """Start a new family of tokens; its first token is valid for `lifetime`."""
    record(session, Tag.ACCOUNT_LOGGED_IN, identity.profile_id, actor_id=identity.profile_id)
    return SignedIn(identity, _issue(session, identity.profile_id, uuid4(), now, lifetime))


def exchange(
    session: Session, token: str, *, now: datetime, lifetime: timedelta
) -> SignedIn | RefreshRefused | RefreshRaced:
    """Exchange an unused token for a new one. A refusal is returned, not raised, so that a revocation is committed."""
    owner, found = _lock(session, token)
    if owner is None or found is None or found.revoked_at or found.expires_at <= now:
        return RefreshRefused("This refresh token is not valid any more; sign in again.")
    if found.used_at is None:
        found.used_at = now
        return SignedIn(Identity(owner.id, owner.role), _issue(session, owner.id, found.family_id, now, lifetime))
    if now - found.used_at <= timedelta(seconds=RACE_SECONDS):
        return RefreshRaced("Use the refresh token from the answer to the other request.")
    _revoke(session, found.family_id, now)
    record(session, Tag.TOKEN_REUSED, owner.id)
    return RefreshRefused("This refresh token was used before, so its whole session is closed; sign in again.")


def sign_out(session: Session, token: str, now: datetime) -> None:
    """Revoke the token's family; an unknown token is not an error."""
    owner, found = _lock(session, token)
    if owner and found and not found.revoked_at:
        _revoke(session, found.family_id, now)
        record(session, Tag.ACCOUNT_LOGGED_OUT, owner.id, actor_id=owner.id)


def _lock(session: Session, token: str) -> tuple[Profile | None, RefreshToken | None]:
    """The token and its owner. The owner's row is locked first, so that exchanges and revocations are serial."""
    digest = _digest(token)
    holder = select(RefreshToken.profile_id).where(RefreshToken.token_hash == digest).scalar_subquery()
    owner = session.scalar(select(Profile).where(Profile.id == holder).with_for_update(key_share=True))
    found = session.scalar(select(RefreshToken).where(RefreshToken.token_hash == digest))
    return owner, found


def _issue(session: Session, profile_id: UUID, family_id: UUID, now: datetime, lifetime: timedelta) -> str:
    token = secrets.token_urlsafe(32)
    session.add(
        RefreshToken(profile_id=profile_id, family_id=family_id, token_hash=_digest(token), expires_at=now + lifetime)
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
