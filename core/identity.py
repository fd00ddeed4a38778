from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.problems import Unauthorized
from db.models import Aal

Role = Literal["member", "teacher", "admin"]

_STATE = text("""
select p.role, s.aal
from app.sessions s join app.profiles p on p.id = s.profile_id
where s.id = :session_id and s.profile_id = :profile_id and s.ended_at is null and p.erased_at is null
""")

_ENDED = text("""
select g.session_id
from unnest(cast(:sessions as uuid[]), cast(:profiles as uuid[]), cast(:roles as text[]),
            cast(:levels as text[])) as g (session_id, profile_id, role, aal)
where not exists (
    select from app.sessions s join app.profiles p on p.id = s.profile_id
    where s.id = g.session_id and s.profile_id = g.profile_id and s.ended_at is null and p.erased_at is null
      and p.role = g.role and s.aal >= g.aal
)
""")


class SessionEnded(Unauthorized):
    """The login of the access token has ended, or its account has changed."""

    code = "session_ended"
    title = "This session has ended."


@dataclass(frozen=True, slots=True)
class Identity:
    """The profile, role and session of a verified access token; `aal` is how the session was signed in."""

    profile_id: UUID
    role: Role
    session_id: UUID
    aal: Aal = "aal1"

    @property
    def is_operator(self) -> bool:
        """Whether the role of an operator counts: only in a session with a second factor."""
        return self.role == "admin" and self.aal == "aal2"


def current(session: Session, identity: Identity) -> Identity:
    """The identity with the level that its session has now.

    Raises SessionEnded if the session has ended, the account was erased, or its role has changed. A token is valid for
    minutes by its signature alone, so every request with a token is checked here.
    """
    values = {"session_id": identity.session_id, "profile_id": identity.profile_id}
    found = session.execute(_STATE, values).one_or_none()
    if found is None or found.role != identity.role:
        raise SessionEnded("The session has ended, or the account has changed; sign in again.")
    return replace(identity, aal=found.aal)


def check_still_valid(session: Session, identity: Identity) -> None:
    """Check once more in the transaction of a change. Raises SessionEnded, also when the second factor is off now."""
    if current(session, identity).aal < identity.aal:
        raise SessionEnded("The second factor was turned off; sign in again.")


def no_longer_valid(session: Session, identities: Collection[Identity]) -> set[UUID]:
    """The sessions of those whom `check_still_valid` would refuse, in one query."""
    given = {
        "sessions": [one.session_id for one in identities],
        "profiles": [one.profile_id for one in identities],
        "roles": [one.role for one in identities],
        "levels": [one.aal for one in identities],
    }
    return set(session.scalars(_ENDED, given))
