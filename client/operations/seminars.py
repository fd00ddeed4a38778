"""Generated from the OpenAPI document by scripts/client_operations.py; change the API instead."""

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from client.api.base import Model, Operation, Page


class SeminarOut(Model):
    """A live seminar."""

    id: UUID
    teacher_id: UUID
    title: str
    description: str
    starts_at: datetime
    ends_at: datetime
    capacity: int
    seats_left: int
    price_amount: int
    currency: str
    refund_days: int
    course_id: UUID | None
    series_id: UUID | None
    state: Literal["draft", "published", "provisioned", "open", "closed", "cancelled"]
    published_at: datetime | None
    created_at: datetime
    updated_at: datetime


class SeminarDraft(Model):
    """A new seminar; it is not announced until it is published."""

    title: str
    starts_at: datetime
    ends_at: datetime
    capacity: int
    price_amount: int
    currency: Literal["SEK", "NOK", "DKK", "EUR", "GBP", "USD"]
    description: str = ""
    refund_days: int = 14
    course_id: UUID | None = None


class CancellationInput(Model):
    """Why a seminar is cancelled; the buyers see it."""

    reason: str


class CancellationOut(Model):
    """A cancellation that is carried out."""

    seminar_id: UUID
    job: str


class ParticipantOut(Model):
    """A person with a seat, or a place on the waitlist."""

    profile_id: UUID
    display_name: str
    state: Literal["waitlisted", "offered", "held", "confirmed", "released"]
    since: datetime


class StayOut(Model):
    """One stay of a person in the room."""

    id: UUID
    profile_id: UUID
    display_name: str
    joined_at: datetime
    left_at: datetime | None


class GuestOut(Model):
    """A guest, who may take a seat without paying."""

    id: UUID
    email: str
    created_at: datetime


class NewGuest(Model):
    """Whom to invite."""

    email: str


class SeatOut(Model):
    """A seat, or a place on the waitlist."""

    seminar_id: UUID
    state: Literal["waitlisted", "offered", "held", "confirmed", "released"]
    source: Literal["order", "course", "guest"] | None
    held_until: datetime | None
    created_at: datetime


class OwnSeatOut(Model):
    """One's seat, with its seminar."""

    seminar: SeminarOut
    seat: SeatOut


LIST: Final[Operation[Page[SeminarOut]]] = Operation("GET", "/seminars", Page[SeminarOut])
GET: Final[Operation[SeminarOut]] = Operation("GET", "/seminars/{seminar_id}", SeminarOut)
CREATE: Final[Operation[SeminarOut]] = Operation("POST", "/seminars", SeminarOut, keyed=True)
PUBLISH: Final[Operation[SeminarOut]] = Operation("POST", "/seminars/{seminar_id}/publish", SeminarOut, keyed=True)
CANCEL: Final[Operation[CancellationOut]] = Operation(
    "POST", "/seminars/{seminar_id}/cancel", CancellationOut, keyed=True
)
PARTICIPANTS: Final[Operation[Page[ParticipantOut]]] = Operation(
    "GET", "/seminars/{seminar_id}/participants", Page[ParticipantOut]
)
ATTENDANCE: Final[Operation[Page[StayOut]]] = Operation("GET", "/seminars/{seminar_id}/attendance", Page[StayOut])
GUESTS: Final[Operation[Page[GuestOut]]] = Operation("GET", "/seminars/{seminar_id}/guests", Page[GuestOut])
INVITE: Final[Operation[GuestOut]] = Operation("POST", "/seminars/{seminar_id}/guests", GuestOut, keyed=True)
SEATS_LIST: Final[Operation[Page[OwnSeatOut]]] = Operation("GET", "/me/seminars", Page[OwnSeatOut])
SEATS_TAKE: Final[Operation[SeatOut]] = Operation("POST", "/seminars/{seminar_id}/seat", SeatOut, keyed=True)
SEATS_GIVE_UP: Final[Operation[None]] = Operation("DELETE", "/seminars/{seminar_id}/seat", type(None), keyed=True)
SEATS_WAIT: Final[Operation[SeatOut]] = Operation("POST", "/seminars/{seminar_id}/waitlist", SeatOut, keyed=True)
