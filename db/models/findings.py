"""What a person must look at."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.accounts import Profile
from db.models.base import Base, CreatedAt, Id, JsonObject
from db.models.orders import Order

FindingResolution = Literal["accepted", "refunded", "dismissed", "resolved"]


class Finding(Base):
    """One thing that a person must look at; at most one is open for each kind and subject."""

    __tablename__ = "findings"
    __table_args__ = (
        Index("findings_open", "kind", "subject_id", unique=True, postgresql_where=text("closed_at is null")),
        Index("findings_subject", "subject_id"),
        Index("findings_order", "order_id", postgresql_where=text("order_id is not null")),
        Index("findings_closed_by", "closed_by", postgresql_where=text("closed_by is not null")),
        Index("findings_unreported", "id", postgresql_where=text("reported_at is null")),
    )

    id: Mapped[Id]
    kind: Mapped[str]
    subject_id: Mapped[UUID]
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey(Order.id, ondelete="SET NULL"))
    details: Mapped[JsonObject] = mapped_column(server_default=text("'{}'"))
    opened_at: Mapped[CreatedAt]
    last_seen_at: Mapped[CreatedAt]
    times_seen: Mapped[int] = mapped_column(server_default=text("1"))
    reported_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey(Profile.id, ondelete="SET NULL"))
    resolution: Mapped[FindingResolution | None] = mapped_column(Text)
    close_reason: Mapped[str | None]
