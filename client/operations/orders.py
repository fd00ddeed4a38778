"""Generated from the OpenAPI document by scripts/client_operations.py; change the API instead."""

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from client.api.base import Model, Operation, Page


class OrderItemOut(Model):
    """One item, at its price when it was ordered."""

    id: UUID
    course_id: UUID | None
    service_id: UUID | None
    seminar_id: UUID | None
    title: str
    unit_amount: int
    quantity: int
    entitlement: Literal["none", "enrolled", "booked", "seated"]
    refunded_at: datetime | None


class OrderOut(Model):
    """One order."""

    id: UUID
    state: Literal["pending", "processing", "paid", "fulfilled", "cancelled", "expired", "refunded", "disputed"]
    situation: Literal[
        "payable",
        "delayed",
        "failed",
        "fulfilling",
        "fulfilled",
        "partly_refunded",
        "refunded",
        "disputed",
        "checking",
        "expired",
        "cancelled",
    ]
    total_amount: int
    refunded_amount: int
    currency: str
    items: list[OrderItemOut]
    payment_state: Literal["processing", "succeeded", "failed"] | None
    job: str | None
    created_at: datetime
    expires_at: datetime
    paid_at: datetime | None
    fulfilled_at: datetime | None


class RefundOut(Model):
    """Money on its way back, or given back."""

    id: UUID
    state: Literal["requested", "pending", "succeeded", "failed", "cancelled"]
    amount: int
    currency: str
    reason: str
    requested_as: Literal["buyer", "teacher", "admin", "system"] | None
    items: list[UUID]
    created_at: datetime


class RefundTermsOut(Model):
    """Whether the buyer can ask for an item's money now, and until when."""

    item_id: UUID
    amount: int
    until: datetime | None
    progress: int
    max_progress: int
    can_ask: bool
    refusal: str | None
    refusal_detail: str | None


class OrderDetailOut(Model):
    """One order with its refunds."""

    id: UUID
    state: Literal["pending", "processing", "paid", "fulfilled", "cancelled", "expired", "refunded", "disputed"]
    situation: Literal[
        "payable",
        "delayed",
        "failed",
        "fulfilling",
        "fulfilled",
        "partly_refunded",
        "refunded",
        "disputed",
        "checking",
        "expired",
        "cancelled",
    ]
    total_amount: int
    refunded_amount: int
    currency: str
    items: list[OrderItemOut]
    payment_state: Literal["processing", "succeeded", "failed"] | None
    job: str | None
    created_at: datetime
    expires_at: datetime
    paid_at: datetime | None
    fulfilled_at: datetime | None
    refunds: list[RefundOut]
    left_to_refund: int
    refund_terms: list[RefundTermsOut]


class NewItem(Model):
    """One product and its quantity: exactly one of the three ids. A course or a seminar has the quantity 1."""

    course_id: UUID | None = None
    service_id: UUID | None = None
    seminar_id: UUID | None = None
    quantity: int = 1


class NewOrder(Model):
    """The items to order; the server sets the prices."""

    items: list[NewItem]


class RefundInput(Model):
    """What to give back: items, an amount, or, with neither, all that is left of the order."""

    items: list[UUID] | None = None
    amount: int | None = None
    reason: str = ""


class AskedRefundOut(Model):
    """A refund that was asked for."""

    id: UUID
    state: Literal["requested", "pending", "succeeded", "failed", "cancelled"]
    amount: int
    currency: str
    reason: str
    requested_as: Literal["buyer", "teacher", "admin", "system"] | None
    items: list[UUID]
    created_at: datetime
    job: str


class NewCheckout(Model):
    """The order to pay, and where: `elements` is a form in the client, `hosted_page` is a page at Stripe."""

    order_id: UUID
    ui_mode: Literal["elements", "hosted_page"]


class CheckoutOut(Model):
    """An open checkout. A repeated request for the same order and `ui_mode` returns the same one."""

    session_id: str
    client_secret: str | None
    url: str | None
    expires_at: datetime


LIST: Final[Operation[Page[OrderOut]]] = Operation("GET", "/me/orders", Page[OrderOut])
GET: Final[Operation[OrderDetailOut]] = Operation("GET", "/orders/{order_id}", OrderDetailOut)
PLACE: Final[Operation[OrderOut]] = Operation("POST", "/orders", OrderOut, keyed=True)
CANCEL: Final[Operation[OrderOut]] = Operation("POST", "/orders/{order_id}/cancel", OrderOut, keyed=True)
REFUND: Final[Operation[AskedRefundOut]] = Operation("POST", "/orders/{order_id}/refund", AskedRefundOut, keyed=True)
CHECKOUTS_OPEN: Final[Operation[CheckoutOut]] = Operation(
    "POST", "/payments/stripe/create-session", CheckoutOut, keyed=True
)
