from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.problems import Unauthorized

Role = Literal["member", "teacher", "admin"]

_ROLE = text("select role from app.profiles where id = :id and erased_at is null")


@dataclass(frozen=True, slots=True)
class Identity:
    """The profile and role of a verified access token."""

    profile_id: UUID
    role: Role


def check_still_valid(session: Session, identity: Identity) -> None:
    """Raise Unauthorized if the account was erased or its role changed after the token was issued.

    A token is valid for minutes by its signature alone. Every request that changes something is checked here.
    """
    role = session.scalar(_ROLE, {"id": identity.profile_id})
    if role != identity.role:
        raise Unauthorized("The account has changed since this token was issued; sign in again.")
