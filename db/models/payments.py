"""Checkouts, and money as the payment provider reports it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.accounts import Profile
from db.models.base import Amount, Base, CreatedAt, Currency, Id, UpdatedAt
from db.models.findings import Finding
from db.models.orders import Order, OrderItem

CheckoutUiMode = Literal["elements", "hosted_page"]
PaymentProvider = Literal["stripe"]
PaymentState = Literal["processing", "succeeded", "failed"]
RefundState = Literal["requested", "pending", "succeeded", "failed", "cancelled"]
RefundRole = Literal["buyer", "teacher", "admin", "system"]
DisputeState = Literal["open", "won", "lost"]
SubscriptionState = Literal["incomplete", "active", "past_due", "cancelled"]


class Checkout(Base):
    """A checkout opened at the provider; `number` counts those of one order, and at most one is open.

    `asked_at` is when the provider was last asked about it because its outcome was overdue.
    """

    __tablename__ = "checkouts"
    __table_args__ = (
        UniqueConstraint("order_id", "number"),
        Index("checkouts_open", "order_id", unique=True, postgresql_where=text("closed_at is null")),
        Index("checkouts_open_until", "expires_at", postgresql_where=text("closed_at is null")),
    )

    id: Mapped[Id]
    order_id: Mapped[UUID] = mapped_column(ForeignKey(Order.id, ondelete="CASCADE"))
    number: Mapped[int]
    session_id: Mapped[str] = mapped_column(unique=True)
    ui_mode: Mapped[CheckoutUiMode] = mapped_column(Text)
    expires_at: Mapped[datetime]
    created_at: Mapped[CreatedAt]
    closed_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]


class Payment(Base):
    """One attempt to pay an order, known by the provider's id.

    `accepted_at`: an operator let it cover its order although it does not match.
    """

    __tablename__ = "payments"
    __table_args__ = (
        UniqueConstraint("provider", "provider_payment_id"),
        Index("payments_order", "order_id"),
        Index("payments_processing", "created_at", postgresql_where=text("state = 'processing'")),
    )

    id: Mapped[Id]
    order_id: Mapped[UUID] = mapped_column(ForeignKey(Order.id))
    provider: Mapped[PaymentProvider] = mapped_column(Text, server_default="stripe")
    provider_payment_id: Mapped[str]
    state: Mapped[PaymentState] = mapped_column(Text)
    amount: Mapped[Amount]
    currency: Mapped[Currency]
    livemode: Mapped[bool]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]
    accepted_at: Mapped[datetime | None]


class Refund(Base):
    """Money on its way back, asked for here or at the provider; its payment may be unknown yet.

    `requested_by` asked for it here, as `requested_as`; `finding_id` is the finding that it answers. `failure` is the
    provider's reason.
    """

    __tablename__ = "refunds"
    __table_args__ = (
        Index("refunds_payment", "payment_id"),
        Index("refunds_provider_payment", "provider_payment_id"),
        Index("refunds_requested_by", "requested_by", postgresql_where=text("requested_by is not null")),
        Index("refunds_finding", "finding_id", postgresql_where=text("finding_id is not null")),
    )

    id: Mapped[Id]
    payment_id: Mapped[UUID | None] = mapped_column(ForeignKey(Payment.id))
    provider_refund_id: Mapped[str | None] = mapped_column(unique=True)
    state: Mapped[RefundState] = mapped_column(Text)
    amount: Mapped[Amount]
    currency: Mapped[Currency]
    reason: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]
    provider_payment_id: Mapped[str]
    requested_by: Mapped[UUID | None] = mapped_column(ForeignKey(Profile.id, ondelete="SET NULL"))
    requested_as: Mapped[RefundRole | None] = mapped_column(Text)
    finding_id: Mapped[UUID | None] = mapped_column(ForeignKey(Finding.id, ondelete="SET NULL"))
    failure: Mapped[str | None]


class RefundItem(Base):
    """A line that a refund gives back whole; kept with its refund. One without lines is about the order as a whole."""

    __tablename__ = "refund_items"
    __table_args__ = (Index("refund_items_order_item", "order_item_id"),)

    refund_id: Mapped[UUID] = mapped_column(ForeignKey(Refund.id, ondelete="CASCADE"), primary_key=True)
    order_item_id: Mapped[UUID] = mapped_column(ForeignKey(OrderItem.id, ondelete="CASCADE"), primary_key=True)
    amount: Mapped[Amount]


class Dispute(Base):
    """A buyer's bank asks for the money back; its payment may be unknown yet."""

    __tablename__ = "disputes"
    __table_args__ = (
        Index("disputes_payment", "payment_id"),
        Index("disputes_provider_payment", "provider_payment_id"),
    )

    id: Mapped[Id]
    payment_id: Mapped[UUID | None] = mapped_column(ForeignKey(Payment.id))
    provider_dispute_id: Mapped[str] = mapped_column(unique=True)
    state: Mapped[DisputeState] = mapped_column(Text)
    amount: Mapped[Amount]
    currency: Mapped[Currency]
    reason: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]
    provider_payment_id: Mapped[str]


class Subscription(Base):
    """A recurring payment, mirrored from the provider."""

    __tablename__ = "subscriptions"
    __table_args__ = (Index("subscriptions_profile", "profile_id"),)

    id: Mapped[Id]
    profile_id: Mapped[UUID] = mapped_column(ForeignKey(Profile.id))
    provider_subscription_id: Mapped[str] = mapped_column(unique=True)
    state: Mapped[SubscriptionState] = mapped_column(Text)
    current_period_end: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]
