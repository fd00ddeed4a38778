"""What a teacher does for one buyer at a time."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.accounts import Profile
from db.models.base import Amount, Base, CreatedAt, Currency, Id, RefundDays, UpdatedAt
from db.models.courses import OfferState


class Service(Base):
    """A bookable service, priced by the booking."""

    __tablename__ = "services"
    __table_args__ = (
        Index("services_teacher", "teacher_id"),
        Index(
            "services_published",
            text("published_at desc"),
            text("id desc"),
            postgresql_where=text("state = 'published'"),
        ),
    )

    id: Mapped[Id]
    teacher_id: Mapped[UUID] = mapped_column(ForeignKey(Profile.id))
    title: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    duration_minutes: Mapped[int]
    price_amount: Mapped[Amount]
    currency: Mapped[Currency]
    state: Mapped[OfferState] = mapped_column(Text, server_default="draft")
    published_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]
    refund_days: Mapped[RefundDays]
