"""Accounts, as an operator looks for them."""

from operator import eq, ge, lt
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.console.filters import UserFilter
from core.console.matching import begins, matching
from core.paging import Newest, PageRequest, Slice, cut, newest_ids
from core.problems import NotFound
from db.models import Profile


def users(session: Session, wanted: UserFilter, page: PageRequest[Newest]) -> Slice[Profile, Newest]:
    """Accounts that match, the newest first; erased ones too."""
    conditions = matching(
        (Profile.role, eq, wanted.role),
        (Profile.email, begins, wanted.email),
        (Profile.created_at, ge, wanted.since),
        (Profile.created_at, lt, wanted.until),
    )
    rows = session.scalars(newest_ids(select(Profile).where(*conditions), Profile.id, page)).all()
    return cut(rows, page, lambda row: (row.created_at, row.id))


def user_of(session: Session, profile_id: UUID) -> Profile:
    """One account. Raises NotFound."""
    found = session.get(Profile, profile_id)
    if found is None:
        raise NotFound(f"There is no account {profile_id}.")
    return found
