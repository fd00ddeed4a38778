"""Who may learn what, and why."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ForeignKey, Index, SmallInteger, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.accounts import Profile
from db.models.base import Base, CreatedAt, Id
from db.models.courses import Course
from db.models.orders import OrderItem
from db.models.payments import Subscription

EnrollmentState = Literal["active", "revoked"]


class Gift(Base):
    """A course that its teacher gives to an address. It waits until an account has it, for 90 days at most."""

    __tablename__ = "gifts"
    __table_args__ = (
        Index("gifts_one_each", "course_id", "email", unique=True, postgresql_where=text("withdrawn_at is null")),
        Index("gifts_course", "course_id", text("created_at desc"), text("id desc")),
        Index("gifts_email", "email"),
        Index("gifts_given_by", "given_by"),
        Index("gifts_withdrawn_by", "withdrawn_by", postgresql_where=text("withdrawn_by is not null")),
        Index("gifts_waiting", "id", postgresql_where=text("granted_at is null and withdrawn_at is null")),
    )

    id: Mapped[Id]
    course_id: Mapped[UUID] = mapped_column(ForeignKey(Course.id))
    email: Mapped[str]
    given_by: Mapped[UUID] = mapped_column(ForeignKey(Profile.id))
    created_at: Mapped[CreatedAt]
    granted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[UUID | None] = mapped_column(ForeignKey(Profile.id))


class Enrollment(Base):
    """One source of one profile's access to one course: an order item, a gift or a membership.

    `purchase_number` counts the order items through which the profile bought the course.
    """

    __tablename__ = "enrollments"
    __table_args__ = (
        UniqueConstraint("profile_id", "course_id", "purchase_number"),
        Index("enrollments_course", "course_id"),
        Index(
            "enrollments_order_item",
            "order_item_id",
            unique=True,
            postgresql_where=text("order_item_id is not null"),
        ),
        Index("enrollments_gift", "gift_id", unique=True, postgresql_where=text("gift_id is not null")),
        Index(
            "enrollments_membership",
            "subscription_id",
            "course_id",
            unique=True,
            postgresql_where=text("subscription_id is not null"),
        ),
    )

    id: Mapped[Id]
    profile_id: Mapped[UUID] = mapped_column(ForeignKey(Profile.id))
    course_id: Mapped[UUID] = mapped_column(ForeignKey(Course.id))
    order_item_id: Mapped[UUID | None] = mapped_column(ForeignKey(OrderItem.id))
    state: Mapped[EnrollmentState] = mapped_column(Text, server_default="active")
    granted_at: Mapped[CreatedAt]
    revoked_at: Mapped[datetime | None]
    gift_id: Mapped[UUID | None] = mapped_column(ForeignKey(Gift.id))
    subscription_id: Mapped[UUID | None] = mapped_column(ForeignKey(Subscription.id))
    purchase_number: Mapped[int | None] = mapped_column(SmallInteger)
