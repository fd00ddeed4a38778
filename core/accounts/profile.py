"""The caller's own account: read, change, erase."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core.accounts.passwords import matches
from core.audit.record import record
from core.audit.tags import Tag
from core.problems import Forbidden, Unauthorized
from db.models import (
    Course,
    Export,
    Gift,
    IdempotencyKey,
    LessonCompletion,
    LoginSession,
    OneTimeToken,
    Post,
    Profile,
    Refund,
    SeminarGuest,
    Service,
    TotpFactor,
)


class PasswordWrong(Forbidden):
    """The password that must confirm the request is wrong."""

    code = "password_wrong"
    title = "The password is wrong."


def account_of(session: Session, email: str) -> Profile | None:
    """The account of a normalised e-mail address."""
    return session.scalar(select(Profile).where(Profile.email == email, Profile.erased_at.is_(None)))


def profile_of(session: Session, profile_id: UUID) -> Profile:
    """The caller's profile. Raises Unauthorized if it is erased."""
    found = session.scalar(select(Profile).where(Profile.id == profile_id, Profile.erased_at.is_(None)))
    if found is None:
        raise Unauthorized("This account does not exist any more.")
    return found


def change(session: Session, profile_id: UUID, changes: Mapping[str, str]) -> Profile:
    """Set the named fields of the profile."""
    profile = profile_of(session, profile_id)
    for name, value in changes.items():
        setattr(profile, name, value)
    session.flush()
    record(session, Tag.ACCOUNT_CHANGED, profile_id, actor_id=profile_id, data={"fields": sorted(changes)})
    return profile


def confirm_password(account: Profile, password: str, field: str = "password") -> None:
    """Check the password of an account that was read. Raises PasswordWrong, SignInBusy."""
    if not matches(account.password_hash, password):
        raise PasswordWrong("Send the current password of the account.", field=field)


def erase(session: Session, profile_id: UUID, now: datetime) -> None:
    """Replace the personal data by a pseudonym, close every session, delete posts and progress, and archive offers."""
    profile = profile_of(session, profile_id)
    pseudonym = f"erased-{profile_id}@erased.invalid"
    for gift in session.scalars(select(Gift).where(Gift.email == profile.email).order_by(Gift.id).with_for_update()):
        gift.email = pseudonym
    session.execute(delete(SeminarGuest).where(SeminarGuest.email == profile.email))
    # The domain is reserved (RFC 2606), so the pseudonym cannot be registered.
    profile.email = pseudonym
    profile.password_hash = ""
    profile.display_name = "Erased"
    profile.supabase_user_id = None
    profile.erased_at = now
    session.flush()
    for table in (LoginSession, OneTimeToken, TotpFactor, IdempotencyKey, Export):
        session.execute(delete(table).where(table.profile_id == profile_id))
    session.execute(delete(Post).where(Post.author_id == profile_id))
    session.execute(delete(LessonCompletion).where(LessonCompletion.profile_id == profile_id))
    session.execute(update(Refund).where(Refund.requested_by == profile_id).values(reason=""))
    for table in (Course, Service):
        session.execute(update(table).where(table.teacher_id == profile_id).values(state="archived"))
    record(session, Tag.ACCOUNT_ERASED, profile_id, actor_id=profile_id)
