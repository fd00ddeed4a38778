"""The provider's books, and how far they and its events were read."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import CHAR, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Amount, Base, CreatedAt, Currency, Id, UpdatedAt

ProviderCursorName = Literal["events", "books"]
BookEntryKind = Literal["payment", "refund", "refund_failure", "dispute", "dispute_reversal"]


class ProviderCursor(Base):
    """How far a list of the provider was read: everything from `began_at` to before `reached_at`.

    While a reading is unfinished, `until` is its end and `after` the last id that was read.
    """

    __tablename__ = "provider_cursors"

    name: Mapped[ProviderCursorName] = mapped_column(Text, primary_key=True)
    began_at: Mapped[datetime]
    reached_at: Mapped[datetime]
    until: Mapped[datetime | None]
    after: Mapped[str | None]
    updated_at: Mapped[UpdatedAt]


class BookEntry(Base):
    """One movement of money in the provider's books: a payment with its fee, a refund, or a dispute.

    `amount` is that of its object, `settled_amount` what it did to the balance before the fee. `order_id` is the order
    that its payment names, which may be none of ours.
    """

    __tablename__ = "book_entries"
    __table_args__ = (
        Index("book_entries_object", "object_id"),
        Index("book_entries_payment", "provider_payment_id"),
        Index("book_entries_booked", "booked_at"),
    )

    id: Mapped[Id]
    transaction_id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[BookEntryKind] = mapped_column(Text)
    object_id: Mapped[str]
    provider_payment_id: Mapped[str]
    order_id: Mapped[UUID | None]
    amount: Mapped[Amount]
    currency: Mapped[Currency]
    fee_amount: Mapped[Amount]
    settled_amount: Mapped[Amount]
    settled_currency: Mapped[str] = mapped_column(CHAR(3))
    booked_at: Mapped[datetime]
    created_at: Mapped[CreatedAt]
