"""Live seminars, who has a seat and who came."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.accounts import Profile
from db.models.base import Amount, Base, CreatedAt, Currency, Id, UpdatedAt

SeminarState = Literal["draft", "published", "provisioned", "open", "closed", "cancelled"]
SeatState = Literal["waitlisted", "held", "confirmed", "released"]


class Seminar(Base):
    """A live meeting with a room and a number of seats."""

    __tablename__ = "seminars"
    __table_args__ = (
        Index("seminars_teacher", "teacher_id"),
        Index(
            "seminars_upcoming",
            "starts_at",
            "id",
            postgresql_where=text("state in ('published', 'provisioned', 'open')"),
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


class SeminarSeat(Base):
    """A seat, or a place in the queue for one; released ones stay as history."""

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
