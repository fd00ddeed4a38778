"""Live seminars, who has a seat and who came."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.accounts import Profile
from db.models.base import Amount, Base, CreatedAt, Currency, Id, JsonObject, RefundDays, UpdatedAt
from db.models.courses import Course

SeminarState = Literal["draft", "published", "provisioned", "open", "closed", "cancelled"]
SeatState = Literal["waitlisted", "offered", "held", "confirmed", "released"]
HelperRole = Literal["co_host", "speaker"]
SeatSource = Literal["order", "course", "guest"]


class Seminar(Base):
    """A live meeting with a room and a number of seats; the database keeps `seats_taken`, never over `capacity`."""

    __tablename__ = "seminars"
    __table_args__ = (
        Index("seminars_teacher", "teacher_id"),
        Index(
            "seminars_upcoming",
            "starts_at",
            "id",
            postgresql_where=text("state in ('published', 'provisioned', 'open')"),
        ),
        Index("seminars_course", "course_id", postgresql_where=text("course_id is not null")),
        Index("seminars_series", "series_id", postgresql_where=text("series_id is not null")),
        Index(
            "seminars_unclosed",
            "starts_at",
            postgresql_where=text(
                "state in ('published', 'provisioned', 'open') or (state = 'cancelled' and closed_at is null)"
            ),
        ),
    )

    id: Mapped[Id]
    teacher_id: Mapped[UUID] = mapped_column(ForeignKey(Profile.id))
    title: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    capacity: Mapped[int]
    price_amount: Mapped[Amount]
    currency: Mapped[Currency]
    state: Mapped[SeminarState] = mapped_column(Text, server_default="draft")
    room_name: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]
    course_id: Mapped[UUID | None] = mapped_column(ForeignKey(Course.id))
    series_id: Mapped[UUID | None]
    refund_days: Mapped[RefundDays]
    published_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    summary: Mapped[JsonObject | None]
    seats_taken: Mapped[int] = mapped_column(server_default=text("0"))
    reminded_day: Mapped[datetime | None]
    reminded_hour: Mapped[datetime | None]


class SeminarGuest(Base):
    """Who may take a seat without paying, by address."""

    __tablename__ = "seminar_guests"
    __table_args__ = (
        UniqueConstraint("seminar_id", "email"),
        Index("seminar_guests_email", "email"),
    )

    id: Mapped[Id]
    seminar_id: Mapped[UUID] = mapped_column(ForeignKey(Seminar.id))
    email: Mapped[str]
    created_at: Mapped[CreatedAt]


class SeminarBan(Base):
    """Who was sent out by a host; they do not come back."""

    __tablename__ = "seminar_bans"
    __table_args__ = (
        Index("seminar_bans_profile", "profile_id"),
        Index("seminar_bans_by", "banned_by"),
    )

    seminar_id: Mapped[UUID] = mapped_column(ForeignKey(Seminar.id), primary_key=True)
    profile_id: Mapped[UUID] = mapped_column(ForeignKey(Profile.id), primary_key=True)
    banned_by: Mapped[UUID] = mapped_column(ForeignKey(Profile.id))
    created_at: Mapped[CreatedAt]


class SeminarRole(Base):
    """Who is more than an attendee, by the teacher's word."""

    __tablename__ = "seminar_roles"
    __table_args__ = (
        Index("seminar_roles_profile", "profile_id"),
        Index("seminar_roles_by", "given_by"),
    )

    seminar_id: Mapped[UUID] = mapped_column(ForeignKey(Seminar.id), primary_key=True)
    profile_id: Mapped[UUID] = mapped_column(ForeignKey(Profile.id), primary_key=True)
    role: Mapped[HelperRole] = mapped_column(Text)
    given_by: Mapped[UUID] = mapped_column(ForeignKey(Profile.id))
    created_at: Mapped[CreatedAt]


class SeminarSeat(Base):
    """A seat, or a place on the waitlist; released ones stay as history. `source` is what it was given for."""

    __tablename__ = "seminar_seats"
    __table_args__ = (
        Index(
            "seminar_seats_one_each",
            "seminar_id",
            "profile_id",
            unique=True,
            postgresql_where=text("state <> 'released'"),
        ),
        Index("seminar_seats_seminar", "seminar_id"),
        Index("seminar_seats_profile", "profile_id"),
        Index(
            "seminar_seats_order_item",
            "order_item_id",
            unique=True,
            postgresql_where=text("order_item_id is not null"),
        ),
        Index("seminar_seats_lapsing", "held_until", postgresql_where=text("state in ('held', 'offered')")),
        Index("seminar_seats_waiting", "seminar_id", "id", postgresql_where=text("state = 'waitlisted'")),
    )

    id: Mapped[Id]
    seminar_id: Mapped[UUID] = mapped_column(ForeignKey(Seminar.id))
    profile_id: Mapped[UUID] = mapped_column(ForeignKey(Profile.id))
    # By name, not by class: an order item knows its seminar, and modules cannot import in a circle.
    order_item_id: Mapped[UUID | None] = mapped_column(ForeignKey("app.order_items.id"))
    state: Mapped[SeatState] = mapped_column(Text)
    held_until: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]
    source: Mapped[SeatSource | None] = mapped_column(Text)


class Attendance(Base):
    """One stay in a seminar's room."""

    __tablename__ = "attendance"
    __table_args__ = (
        Index("attendance_seminar", "seminar_id"),
        Index("attendance_profile", "profile_id"),
    )

    id: Mapped[Id]
    seminar_id: Mapped[UUID] = mapped_column(ForeignKey(Seminar.id))
    profile_id: Mapped[UUID] = mapped_column(ForeignKey(Profile.id))
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    participant_sid: Mapped[str | None] = mapped_column(unique=True)
