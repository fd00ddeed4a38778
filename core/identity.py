from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.problems import Unauthorized

Role = Literal["member", "teacher", "admin"]

_ROLE = text("""
select p.role
from app.sessions s join app.profiles p on p.id = s.profile_id
where s.id = :session_id and s.profile_id = :profile_id and s.ended_at is null and p.erased_at is null
""")

_ENDED = text("""
select g.session_id
from unnest(cast(:sessions as uuid[]), cast(:profiles as uuid[]), cast(:roles as text[]))
     as g (session_id, profile_id, role)
where not exists (
    select from app.sessions s join app.profiles p on p.id = s.profile_id
    where s.id = g.session_id and s.profile_id = g.profile_id and s.ended_at is null and p.erased_at is null
      and p.role = g.role
)
""")


class SessionEnded(Unauthorized):
    """The login of the access token has ended, or its account has changed."""

    code = "session_ended"
    title = "This session has ended."


@dataclass(frozen=True, slots=True)
class Identity:
    """The profile, role and session of a verified access token."""

    profile_id: UUID
    role: Role
    session_id: UUID


def check_still_valid(session: Session, identity: Identity) -> None:
    """Raise SessionEnded if the session has ended, the account was erased, or its role has changed.

    A token is valid for minutes by its signature alone. Every request with a token is checked here, and one that
    changes something once more in its own transaction.
    """
    role = session.scalar(_ROLE, {"session_id": identity.session_id, "profile_id": identity.profile_id})
    if role != identity.role:
        raise SessionEnded("The session has ended, or the account has changed; sign in again.")


def no_longer_valid(session: Session, identities: Collection[Identity]) -> set[UUID]:
    """The sessions of those whom `check_still_valid` would refuse, in one query."""
    given = {
        "sessions": [one.session_id for one in identities],
        "profiles": [one.profile_id for one in identities],
        "roles": [one.role for one in identities],
    }
    return set(session.scalars(_ENDED, given))
