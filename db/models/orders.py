"""Orders, at the prices of the moment they were placed."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.models.accounts import Profile
from db.models.base import Amount, Base, CreatedAt, Currency, Id, RefundDays, RefundMaxProgress
from db.models.courses import Course
from db.models.seminars import Seminar
from db.models.services import Service

OrderState = Literal["pending", "processing", "paid", "fulfilled", "cancelled", "expired", "refunded", "disputed"]


class Order(Base):
    """One purchase in one currency."""

    __tablename__ = "orders"
    __table_args__ = (
        Index("orders_profile", "profile_id", text("id desc")),
        Index("orders_unpaid", "expires_at", postgresql_where=text("state = 'pending'")),
    )

    id: Mapped[Id]
    profile_id: Mapped[UUID] = mapped_column(ForeignKey(Profile.id))
    state: Mapped[OrderState] = mapped_column(Text, server_default="pending")
    total_amount: Mapped[Amount]
    currency: Mapped[Currency]
    expires_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    fulfilled_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]

    items: Mapped[list["OrderItem"]] = relationship(
        order_by="OrderItem.id", lazy="raise", cascade="all, delete-orphan", passive_deletes=True
    )


class OrderItem(Base):
    """A course, a service or a seat at a seminar: exactly one of the three, at the price and terms of that moment.

    `refunded_at`: its money was given back, so that it gives nothing any more.
    """

    __tablename__ = "order_items"
    __table_args__ = (
        Index("order_items_order", "order_id"),
        Index("order_items_course", "course_id", postgresql_where=text("course_id is not null")),
        Index("order_items_service", "service_id", postgresql_where=text("service_id is not null")),
        Index("order_items_seminar", "seminar_id", postgresql_where=text("seminar_id is not null")),
    )

    id: Mapped[Id]
    order_id: Mapped[UUID] = mapped_column(ForeignKey(Order.id, ondelete="CASCADE"))
    course_id: Mapped[UUID | None] = mapped_column(ForeignKey(Course.id))
    service_id: Mapped[UUID | None] = mapped_column(ForeignKey(Service.id))
    seminar_id: Mapped[UUID | None] = mapped_column(ForeignKey(Seminar.id))
    title: Mapped[str]
    unit_amount: Mapped[Amount]
    quantity: Mapped[int] = mapped_column(server_default=text("1"))
    fulfilled_at: Mapped[datetime | None]
    refund_days: Mapped[RefundDays]
    refund_max_progress: Mapped[RefundMaxProgress]
    refunded_at: Mapped[datetime | None]
