"""Answers kept for clients that ask again."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.accounts import Profile
from db.models.base import Base, CreatedAt, Id, JsonObject


class IdempotencyKey(Base):
    """The answer to a caller's key; without a profile the caller is anonymous."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        UniqueConstraint("profile_id", "key", postgresql_nulls_not_distinct=True),
        Index("idempotency_keys_created", "created_at"),
    )

    id: Mapped[Id]
    profile_id: Mapped[UUID | None] = mapped_column(ForeignKey(Profile.id, ondelete="CASCADE"))
    key: Mapped[str]
    request_hash: Mapped[bytes]
    status: Mapped[int]
    headers: Mapped[JsonObject] = mapped_column(server_default=text("'{}'"))
    body: Mapped[JsonObject | None]
    created_at: Mapped[CreatedAt]
