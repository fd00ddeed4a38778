from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.problems import Unauthorized

Role = Literal["member", "teacher", "admin"]

_STANDING = text("select role from app.profiles where id = :id and erased_at is null")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a verified access token speaks for."""

    profile_id: UUID
    role: Role


def check_standing(session: Session, identity: Identity) -> None:
    """Refuse a token that outlived its account or its role. Raises Unauthorized.

    A token lives for minutes on its own signature; whatever changes something looks here first.
    """
    role = session.scalar(_STANDING, {"id": identity.profile_id})
    if role != identity.role:
        raise Unauthorized("The account has changed since this token was issued; sign in again.")
