"""Replays of many events or jobs."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.accounts import Profile
from db.models.base import Base, CreatedAt, Id, JsonObject

ReplayTarget = Literal["webhooks", "jobs"]
ReplayState = Literal["running", "paused", "finished", "cancelled"]


class Replay(Base):
    """What a filter matches runs again, by ids after `after_id` up to `until_id`, at most `rate` a second.

    Kept for ever. Only the job of the current `step` moves it, so that a job that comes twice does nothing.
    """

    __tablename__ = "replays"
    __table_args__ = (Index("replays_created_by", "created_by", postgresql_where=text("created_by is not null")),)

    id: Mapped[Id]
    target: Mapped[ReplayTarget] = mapped_column(Text)
    filter: Mapped[JsonObject] = mapped_column(server_default=text("'{}'"))
    reason: Mapped[str]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey(Profile.id, ondelete="SET NULL"))
    rate: Mapped[int]
    state: Mapped[ReplayState] = mapped_column(Text, server_default="running")
    step: Mapped[int] = mapped_column(server_default=text("0"))
    expected: Mapped[int]
    replayed: Mapped[int] = mapped_column(server_default=text("0"))
    skipped: Mapped[int] = mapped_column(server_default=text("0"))
    after_id: Mapped[UUID | None]
    until_id: Mapped[UUID]
    moved_at: Mapped[CreatedAt]
    last_error: Mapped[str | None]
    created_at: Mapped[CreatedAt]
    finished_at: Mapped[datetime | None]
