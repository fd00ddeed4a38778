"""The guest list: who may take a seat without paying, by address."""

from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.offers.seats import live_seat
from core.paging import Newest, PageRequest, Slice, cut, newest_first
from core.problems import NotFound
from core.seminars.authoring import own_seminar
from core.seminars.problems import GuestLimit
from core.seminars.seats import release_seat
from db.models import Profile, Seminar, SeminarGuest

MAX_GUESTS: Final = 1000


def invite(session: Session, teacher_id: UUID, seminar_id: UUID, email: str) -> SeminarGuest:
    """Put a normalised address on the list; the guest that is there already, if any. Raises NotFound, GuestLimit."""
    seminar = own_seminar(session, seminar_id, teacher_id)
    of_seminar = SeminarGuest.seminar_id == seminar.id
    if found := session.scalar(select(SeminarGuest).where(of_seminar, SeminarGuest.email == email)):
        return found
    if (session.scalar(select(func.count()).where(of_seminar)) or 0) >= MAX_GUESTS:
        raise GuestLimit(f"The seminar has {MAX_GUESTS} guests.")
    guest = SeminarGuest(seminar_id=seminar.id, email=email)
    session.add(guest)
    session.flush()
    session.refresh(guest)
    record(session, Tag.GUEST_INVITED, guest.id, actor_id=teacher_id, data={"seminar_id": str(seminar.id)})
    return guest


def list_guests(
    session: Session, teacher_id: UUID, seminar_id: UUID, page: PageRequest[Newest]
) -> Slice[SeminarGuest, Newest]:
    """The guests, newest first. Raises NotFound."""
    own = select(Seminar.id).where(Seminar.id == seminar_id, Seminar.teacher_id == teacher_id)
    if session.scalar(own) is None:
        raise NotFound(f"You have no seminar {seminar_id}.")
    statement = select(SeminarGuest).where(SeminarGuest.seminar_id == seminar_id)
    rows = session.scalars(newest_first(statement, SeminarGuest.created_at, SeminarGuest.id, page)).all()
    return cut(rows, page, lambda guest: (guest.created_at, guest.id))


def withdraw(session: Session, teacher_id: UUID, seminar_id: UUID, guest_id: UUID) -> None:
    """Take a guest off the list, and release the seat that was taken as a guest. Raises NotFound."""
    seminar = own_seminar(session, seminar_id, teacher_id)
    guest = session.get(SeminarGuest, guest_id)
    if guest is None or guest.seminar_id != seminar.id:
        raise NotFound(f"The seminar has no guest {guest_id}.")
    profile_id = session.scalar(select(Profile.id).where(Profile.email == guest.email))
    seat = live_seat(session, seminar.id, profile_id) if profile_id else None
    if seat and seat.source == "guest":
        release_seat(session, seminar, seat, actor_id=teacher_id)
    session.delete(guest)
    record(session, Tag.GUEST_WITHDRAWN, guest_id, actor_id=teacher_id, data={"seminar_id": str(seminar.id)})
    session.flush()
