"""Change the role of an account."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit.record import record_action
from core.audit.tags import Tag
from core.problems import Conflict, NotFound
from db.models import Profile, ProfileRole


class LastAdmin(Conflict):
    """Without an operator the role could never be given again."""

    code = "last_admin"
    title = "This is the last operator."


def set_role(session: Session, profile_id: UUID, role: ProfileRole, *, actor_id: UUID, reason: str) -> Profile:
    """Give an account a role; its access tokens can change nothing more. Raises NotFound, LastAdmin."""
    # Every change locks all operators: of two that give up the role at once, the second finds itself the last.
    is_admin = (Profile.role == "admin") & Profile.erased_at.is_(None)
    admins = session.scalars(select(Profile.id).where(is_admin).order_by(Profile.id).with_for_update()).all()
    there = (Profile.id == profile_id) & Profile.erased_at.is_(None)
    profile = session.scalar(select(Profile).where(there).with_for_update().execution_options(populate_existing=True))
    if profile is None:
        raise NotFound(f"There is no account {profile_id}.")
    if list(admins) == [profile_id] and role != "admin":
        raise LastAdmin("Make another account an operator first.")
    data = {"from": profile.role, "to": role}
    profile.role = role
    session.flush()
    record_action(session, Tag.ROLE_CHANGED, profile_id, actor_id=actor_id, reason=reason, data=data)
    return profile
