"""What the business asks a payment provider afterwards: objects, events and balance transactions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, Literal, Protocol, TypeVar

# The version that the SDK fixes. Objects of another version are not read.
API_VERSION: Final = "2026-10-28.endive"

ObjectKind = Literal["checkout.session", "payment_intent", "charge", "refund", "dispute", "radar.early_fraud_warning"]
EntryKind = Literal["payment", "refund", "refund_failure", "dispute", "dispute_reversal"]
Object = Mapping[str, object]
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Window:
    """From `since` to before `until`, in whole seconds. `after` is the last id of the page before."""

    since: datetime
    until: datetime
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """A part of a list, newest first. `last` is the id to go on after; None at the end."""

    items: Sequence[Item]
    last: str | None


@dataclass(frozen=True, slots=True)
class BookEntry:
    """One movement of money in the provider's books.

    `object_id` names the charge, refund or dispute; `amount` is its amount, never negative, in minor units of
    `currency`. `settled_amount` is what it did to the balance before the fee, in `settled_currency`. `order_id` is the
    order that its payment names.
    """

    transaction_id: str
    kind: EntryKind
    object_id: str
    payment_id: str
    order_id: str | None
    amount: int
    currency: str
    fee_amount: int
    settled_amount: int
    settled_currency: str
    booked_at: datetime


class ProviderBooks(Protocol):
    """Answers what has happened. Raises `GatewayUnavailable` or `GatewayRejected`."""

    def fetch(self, kind: ObjectKind, object_id: str) -> Sequence[Object]:
        """The object in our API version; a charge comes with its balance transaction expanded and with its refunds."""
        ...

    def list_events(self, types: Sequence[str], window: Window) -> Page[Object]:
        """One page of the events of these types, at most 20 types; the provider keeps events for 30 days."""
        ...

    def list_entries(self, window: Window) -> Page[BookEntry]:
        """One page of the books; entries of other kinds, such as payouts, are left out."""
        ...
