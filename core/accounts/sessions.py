"""Sessions: a login, the refresh tokens that prolong it, and its end.

A refresh token can be exchanged once, and only its SHA-256 is stored. One that is used again may be stolen, so its
session ends (RFC 9700, section 4.14.2). A client can also send one token twice at once, from two tabs: within
`RACE_SECONDS` of the exchange the second request is refused and the session goes on.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select, update
from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.identity import Identity
from core.paging import Newest, PageRequest, Slice, cut, newest_first
from core.problems import Conflict, NotFound, Unauthorized
from db.models import Aal, LoginSession, Profile, RefreshToken

RACE_SECONDS: Final = 10
# After this long a person signs in again, however often the session was used (ASVS 7.3.2).
MAX_LIFE: Final = timedelta(days=90)
# Of a person's open sessions; a further login ends the one that was used the longest ago.
MAX_OPEN: Final = 20
MAX_USER_AGENT: Final = 200


class LoginRefused(Unauthorized):
    """The e-mail or the password is wrong; the answer does not say which."""

    code = "login_refused"
    title = "The e-mail or the password is wrong."


class RefreshRefused(Unauthorized):
    """The refresh token is unknown, expired or used, or its session has ended."""

    code = "refresh_token_refused"


class RefreshRaced(Conflict):
    """The same token was exchanged a moment ago, by another request of the same client."""

    code = "refresh_token_raced"
    title = "This refresh token was exchanged just now."


@dataclass(frozen=True, slots=True)
class Client:
    """Where a login comes from: the program, as it calls itself, and the network."""

    user_agent: str = ""
    network: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A signed-in identity and the refresh token for the next exchange, which is never stored in plain text."""

    identity: Identity
    refresh_token: str


def sign_in(
    session: Session, checked: Profile, client: Client, *, aal: Aal, now: datetime, lifetime: timedelta
) -> SignedIn:
    """Start a session; its first refresh token is valid for `lifetime`. Too many open sessions end the oldest.

    `checked` is the account as it was when its password was right. Raises LoginRefused if the password was changed or
    the account was erased in the meantime: that ended the sessions, and none may follow.
    """
    owner = session.get_one(Profile, checked.id, with_for_update={"key_share": True})
    if owner.password_hash != checked.password_hash:
        raise LoginRefused("The account was changed a moment ago.")
    login = LoginSession(
        profile_id=owner.id,
        user_agent="".join(filter(str.isprintable, client.user_agent))[:MAX_USER_AGENT],
        network=client.network,
        aal=aal,
        created_at=now,
        used_at=now,
        expires_at=now + MAX_LIFE,
    )
    session.add(login)
    session.flush()
    _end(session, LoginSession.id.in_(_open(owner.id, now).with_only_columns(LoginSession.id).offset(MAX_OPEN)), now)
    record(session, Tag.ACCOUNT_LOGGED_IN, owner.id, actor_id=owner.id, data={"aal": aal})
    return SignedIn(Identity(owner.id, owner.role, login.id, aal), _issue(session, login, now, lifetime))


def exchange(
    session: Session, token: str, *, now: datetime, lifetime: timedelta
) -> SignedIn | RefreshRefused | RefreshRaced:
    """Exchange an unused token for a new one. A refusal is returned, not raised, so that an end is committed."""
    owner, found, login = _lock(session, token)
    if owner is None or found is None or login is None or login.ended_at or found.expires_at <= now:
        return RefreshRefused("This refresh token is not valid any more; sign in again.")
    if found.used_at is None:
        found.used_at = login.used_at = now
        return SignedIn(Identity(owner.id, owner.role, login.id, login.aal), _issue(session, login, now, lifetime))
    if now - found.used_at <= timedelta(seconds=RACE_SECONDS):
        return RefreshRaced("Use the refresh token from the answer to the other request.")
    login.ended_at = now
    record(session, Tag.TOKEN_REUSED, owner.id)
    return RefreshRefused("This refresh token was used before, so its session has ended; sign in again.")


def sign_out(session: Session, token: str, now: datetime) -> None:
    """End the token's session; an unknown token is not an error."""
    owner, _, login = _lock(session, token)
    if owner and login and not login.ended_at:
        login.ended_at = now
        record(session, Tag.ACCOUNT_LOGGED_OUT, owner.id, actor_id=owner.id)


def open_sessions(
    session: Session, profile_id: UUID, now: datetime, page: PageRequest[Newest]
) -> Slice[LoginSession, Newest]:
    """A person's sessions that have not ended, the one that was used last first."""
    statement = newest_first(_open(profile_id, now).order_by(None), LoginSession.used_at, LoginSession.id, page)
    return cut(session.scalars(statement).all(), page, lambda login: (login.used_at, login.id))


def end_session(session: Session, profile_id: UUID, session_id: UUID, now: datetime) -> None:
    """End one session of a person; one that has ended stays as it is. Raises NotFound for another's."""
    login = session.scalar(
        select(LoginSession).where(LoginSession.id == session_id, LoginSession.profile_id == profile_id)
    )
    if login is None:
        raise NotFound(f"You have no session {session_id}.")
    if _end(session, LoginSession.id == session_id, now):
        record(session, Tag.SESSION_ENDED, profile_id, actor_id=profile_id)


def end_sessions(session: Session, profile_id: UUID, now: datetime, *, keep: UUID | None = None) -> None:
    """End every session of a person but the session `keep`."""
    own = LoginSession.profile_id == profile_id
    if ended := _end(session, own & (LoginSession.id != keep) if keep else own, now):
        record(session, Tag.SESSION_ENDED, profile_id, actor_id=profile_id, data={"sessions": ended})


def _open(profile_id: UUID, now: datetime) -> Select[LoginSession]:
    return (
        select(LoginSession)
        .where(LoginSession.profile_id == profile_id, LoginSession.ended_at.is_(None), LoginSession.expires_at > now)
        .order_by(LoginSession.used_at.desc(), LoginSession.id.desc())
    )


def _end(session: Session, which: ColumnElement[bool], now: datetime) -> int:
    """End the sessions that are still open, and return how many."""
    ended = update(LoginSession).where(which, LoginSession.ended_at.is_(None)).values(ended_at=now)
    return len(session.scalars(ended.returning(LoginSession.id)).all())


def _lock(session: Session, token: str) -> tuple[Profile | None, RefreshToken | None, LoginSession | None]:
    """The token, its owner and its session. The owner is locked first, so that exchanges and ends are serial."""
    digest = _digest(token)
    holder = select(RefreshToken.profile_id).where(RefreshToken.token_hash == digest).scalar_subquery()
    owner = session.scalar(select(Profile).where(Profile.id == holder).with_for_update(key_share=True))
    found = session.scalar(select(RefreshToken).where(RefreshToken.token_hash == digest))
    return owner, found, session.get_one(LoginSession, found.session_id) if found else None


def _issue(session: Session, login: LoginSession, now: datetime, lifetime: timedelta) -> str:
    token = secrets.token_urlsafe(32)
    session.add(
        RefreshToken(
            profile_id=login.profile_id,
            session_id=login.id,
            token_hash=_digest(token),
            expires_at=min(now + lifetime, login.expires_at),
        )
    )
    return token


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
