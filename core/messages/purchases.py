"""The messages of webhooks, orders, payments, refunds and enrollments."""

from dataclasses import dataclass
from uuid import UUID

from core.messages.base import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessWebhook(Message):
    """An event of a provider is stored as `event_id` in app.webhook_events: apply it."""

    kind = "webhooks.process"
    queue = "webhooks"
    event_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchObject(Message):
    """An event does not tell enough: fetch its object from the payment provider, and store what it tells as events."""

    kind = "webhooks.fetch"
    queue = "webhooks"
    max_running = 16
    external_call = True
    object_kind: str
    object_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepEvents(Message):
    """Read the payment provider's list of events, and store those that never came."""

    kind = "webhooks.sweep"
    queue = "webhooks"
    max_running = 1
    external_call = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FulfilOrder(Message):
    """An order is paid: give the buyer its items."""

    kind = "orders.fulfil"
    queue = "orders"
    order_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireOrders(Message):
    """Expire unpaid orders past their time."""

    kind = "orders.expire"
    queue = "orders"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcilePayments(Message):
    """Find checkouts and payments whose outcome is overdue, and enqueue a question about each."""

    kind = "payments.reconcile"
    queue = "payments"
    max_running = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AskCheckout(Message):
    """Ask the payment provider what became of a checkout session."""

    kind = "payments.ask_checkout"
    queue = "payments"
    external_call = True
    session_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCheckout(Message):
    """An order was cancelled, or its checkout replaced: close the session at the payment provider."""

    kind = "payments.close_checkout"
    queue = "payments"
    external_call = True
    session_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareBooks(Message):
    """Read the payment provider's books, and compare them with payments, refunds and disputes."""

    kind = "payments.compare"
    queue = "payments"
    max_running = 1
    external_call = True


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantEnrollment(Message):
    """A course was bought: enroll the buyer."""

    kind = "enrollments.grant"
    queue = "enrollments"
    order_item_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantGifts(Message):
    """Enroll those who were given a course and have an account."""

    kind = "enrollments.grant_gifts"
    queue = "enrollments"


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeEnrollments(Message):
    """An order or a line of it was refunded, or is disputed: revoke what it gave."""

    kind = "enrollments.revoke"
    queue = "enrollments"
    order_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivePayments(Message):
    """A fact about the money of an order has changed: derive the order's state."""

    kind = "payments.derive"
    queue = "payments"
    order_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRefund(Message):
    """The refund `refund_id` of app.refunds was asked for: create it at the payment provider."""

    kind = "refunds.create"
    queue = "refunds"
    external_call = True
    refund_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnItem(Message):
    """What an order item was paid for cannot be given: give its money back. The buyer sees the reason."""

    kind = "refunds.return_item"
    queue = "refunds"
    order_item_id: UUID
    reason: str
