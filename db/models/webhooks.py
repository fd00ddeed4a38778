"""Events of providers, stored as they came."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, CreatedAt, Id, JsonObject

WebhookProvider = Literal["stripe", "livekit"]
WebhookState = Literal["received", "processed", "ignored", "dead"]

# An event of a checkout names its order, one of a refund or a dispute its payment.
EVENT_SUBJECT = "coalesce(data ->> 'order_id', data ->> 'payment_id')"


class WebhookEvent(Base):
    """One event of a provider: its raw body, the `data` read from it, and how many times it was delivered.

    `account` is the connected account that it names, if any.
    """

    __tablename__ = "webhook_events"
    __table_args__ = (
        UniqueConstraint("provider", "event_id"),
        Index("webhook_events_unprocessed", "received_at", postgresql_where=text("state = 'received'")),
        Index("webhook_events_dead", "received_at", postgresql_where=text("state = 'dead'")),
        Index("webhook_events_subject", text(EVENT_SUBJECT), postgresql_where=text(f"{EVENT_SUBJECT} is not null")),
    )

    id: Mapped[Id]
    provider: Mapped[WebhookProvider] = mapped_column(Text)
    event_id: Mapped[str]
    type: Mapped[str]
    api_version: Mapped[str | None]
    livemode: Mapped[bool | None]
    occurred_at: Mapped[datetime]
    body: Mapped[str]
    data: Mapped[JsonObject] = mapped_column(server_default=text("'{}'"))
    state: Mapped[WebhookState] = mapped_column(Text, server_default="received")
    outcome: Mapped[str | None]
    deliveries: Mapped[int] = mapped_column(server_default=text("1"))
    received_at: Mapped[CreatedAt]
    processed_at: Mapped[datetime | None]
    account: Mapped[str | None]


class WebhookAttempt(Base):
    """A failed attempt to process an event."""

    __tablename__ = "webhook_attempts"
    __table_args__ = (Index("webhook_attempts_event", "webhook_event_id"),)

    id: Mapped[Id]
    webhook_event_id: Mapped[UUID] = mapped_column(ForeignKey(WebhookEvent.id, ondelete="CASCADE"))
    error: Mapped[str]
    finished_at: Mapped[CreatedAt]
