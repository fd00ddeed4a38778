"""Who may learn what."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.accounts import Profile
from db.models.base import Base, CreatedAt, Id
from db.models.courses import Course
from db.models.orders import OrderItem

EnrollmentState = Literal["active", "revoked"]


class Enrollment(Base):
    """One profile's way into one course; without an order item it was granted by hand."""

    __tablename__ = "enrollments"
    __table_args__ = (
        UniqueConstraint("profile_id", "course_id"),
        Index("enrollments_course", "course_id"),
        Index(
            "enrollments_order_item",
            "order_item_id",
            unique=True,
            postgresql_where=text("order_item_id is not null"),
        ),
    )

    id: Mapped[Id]
    profile_id: Mapped[UUID] = mapped_column(ForeignKey(Profile.id))
    course_id: Mapped[UUID] = mapped_column(ForeignKey(Course.id))
    order_item_id: Mapped[UUID | None] = mapped_column(ForeignKey(OrderItem.id))
    state: Mapped[EnrollmentState] = mapped_column(Text, server_default="active")
    granted_at: Mapped[CreatedAt]
    revoked_at: Mapped[datetime | None]
