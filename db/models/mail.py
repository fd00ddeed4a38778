"""Emails."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.accounts import Profile
from db.models.base import Base, CreatedAt, Id, JsonObject

MailState = Literal["queued", "sending", "sent", "dead"]


class MailMessage(Base):
    """An email. `dedupe_key` names what it is about, e.g. `receipt:<order>`: at most one email for each."""

    __tablename__ = "mail_messages"
    __table_args__ = (
        Index("mail_messages_profile", "profile_id"),
        Index("mail_messages_unsent", "created_at", postgresql_where=text("state <> 'sent'")),
    )

    id: Mapped[Id]
    dedupe_key: Mapped[str] = mapped_column(unique=True)
    template: Mapped[str]
    profile_id: Mapped[UUID] = mapped_column(ForeignKey(Profile.id))
    params: Mapped[JsonObject] = mapped_column(server_default=text("'{}'"))
    state: Mapped[MailState] = mapped_column(Text, server_default="queued")
    created_at: Mapped[CreatedAt]
    sent_at: Mapped[datetime | None]
