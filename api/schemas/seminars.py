from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from api.schemas.base import Amount, Currency, Schema, Time
from core.accounts.email import EmailAddress
from core.inputs import Input
from core.offers.inputs import RefundDays
from core.seminars.cancel import Cancellation
from core.seminars.queries import OwnSeat, Participant, Stay
from core.text import Line
from db.models import SeatSource, SeatState, Seminar, SeminarGuest, SeminarSeat, SeminarState


class SeminarOut(Schema):
    """A live seminar."""

    id: UUID
    teacher_id: UUID
    title: str
    description: str
    starts_at: Time
    ends_at: Time
    capacity: int
    seats_left: int = Field(description="Not taken now; those on the waitlist come first.")
    price_amount: Amount
    currency: Currency
    refund_days: RefundDays
    course_id: UUID | None
    series_id: UUID | None
    state: SeminarState
    published_at: Time | None
    created_at: Time
    updated_at: Time

    @classmethod
    def of(cls, seminar: Seminar) -> Self:
        """The seminar as a client sees it."""
        shown = {name: getattr(seminar, name) for name in cls.model_fields if name != "seats_left"}
        return cls.model_validate({**shown, "seats_left": seminar.capacity - seminar.seats_taken})


class CancellationInput(Input):
    """Why a seminar is cancelled; the buyers see it."""

    reason: Annotated[Line, Field(min_length=1, max_length=200)]


class CancellationOut(Schema):
    """A cancellation that is carried out."""

    seminar_id: UUID
    job: str = Field(description="The path of the job that tells those with a seat and gives their money back.")


class CancellationProgressOut(Schema):
    """How far a cancellation is."""

    cancelled_at: Time
    emails: int = Field(description="The emails to those with a seat or on the waitlist.", examples=[12])
    emails_sent: int = Field(description="Those of them that were sent.", examples=[12])
    paid_seats: int = Field(description="The seats that were paid for.", examples=[10])
    refunded: int = Field(description="Those of them whose money went back.", examples=[9])

    @classmethod
    def of(cls, cancellation: Cancellation) -> Self:
        """The progress as the teacher sees it."""
        return cls.model_validate(cancellation)


class SeriesOut(Schema):
    """The seminars of a new series, in the order of their times."""

    items: list[SeminarOut]


class SeatOut(Schema):
    """A seat, or a place on the waitlist."""

    seminar_id: UUID
    state: SeatState
    source: SeatSource | None = Field(description="What a seat was given for.")
    held_until: Time | None = Field(description="When a held or an offered seat ends.")
    created_at: Time

    @classmethod
    def of(cls, seat: SeminarSeat) -> Self:
        """The seat as its owner sees it."""
        return cls.model_validate(seat)


class OwnSeatOut(Schema):
    """One's seat, with its seminar."""

    seminar: SeminarOut
    seat: SeatOut

    @classmethod
    def of(cls, own: OwnSeat) -> Self:
        """The seat as its owner sees it."""
        return cls(seminar=SeminarOut.of(own.seminar), seat=SeatOut.of(own.seat))


class ParticipantOut(Schema):
    """A person with a seat, or a place on the waitlist."""

    profile_id: UUID
    display_name: str
    state: SeatState
    since: Time

    @classmethod
    def of(cls, participant: Participant) -> Self:
        """The person as the teacher sees them."""
        return cls.model_validate(participant)


class StayOut(Schema):
    """One stay of a person in the room."""

    id: UUID
    profile_id: UUID
    display_name: str
    joined_at: Time
    left_at: Time | None

    @classmethod
    def of(cls, stay: Stay) -> Self:
        """The stay as the teacher sees it."""
        return cls.model_validate(stay)


class NewGuest(Input):
    """Whom to invite."""

    email: EmailAddress


class GuestOut(Schema):
    """A guest, who may take a seat without paying."""

    id: UUID
    email: str
    created_at: Time

    @classmethod
    def of(cls, guest: SeminarGuest) -> Self:
        """The guest as the teacher sees them."""
        return cls.model_validate(guest)
