"""The audit log."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, CreatedAt, Id, JsonObject


class AuditEvent(Base):
    """Who did what to whom, written in the transaction it describes; sealing adds seq, hash and sealed_at."""

    __tablename__ = "audit_events"
    __table_args__ = (
        Index("audit_events_seq", "seq", unique=True, postgresql_where=text("seq is not null")),
        Index("audit_events_unsealed", "id", postgresql_where=text("seq is null")),
        Index("audit_events_subject", "subject_id"),
    )

    id: Mapped[Id]
    at: Mapped[CreatedAt]
    tag: Mapped[str]
    actor_id: Mapped[UUID | None]
    subject_id: Mapped[UUID]
    data: Mapped[JsonObject] = mapped_column(server_default=text("'{}'"))
    seq: Mapped[int | None] = mapped_column(BigInteger)
    hash: Mapped[bytes | None]
    sealed_at: Mapped[datetime | None]


class AuditAnchor(Base):
    """A signed statement that the first `entries` of the chain end with `hash`; also kept outside the database."""

    __tablename__ = "audit_anchors"
    __table_args__ = (Index("audit_anchors_unstored", "number", postgresql_where=text("stored_at is null")),)

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entries: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes]
    made_at: Mapped[datetime]
    key: Mapped[str]
    signature: Mapped[bytes]
    mailed: Mapped[bool]
    stored_at: Mapped[datetime | None]
