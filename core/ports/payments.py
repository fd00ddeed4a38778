"""What the business needs from a payment provider."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from core.ports.refunds import RefundGateway

UiMode = Literal["elements", "hosted_page"]
SessionStatus = Literal["open", "complete", "expired"]

# https://docs.stripe.com/payments/checkout/custom-success-page
SESSION_ID_PLACEHOLDER = "{CHECKOUT_SESSION_ID}"


@dataclass(frozen=True, slots=True)
class LineItem:
    """One line of a checkout: `unit_amount` in minor units of the session's currency."""

    name: str
    unit_amount: int
    quantity: int


@dataclass(frozen=True, slots=True)
class CheckoutRequest:
    """What a checkout session is made from; amounts in minor units, `currency` ISO 4217 upper case.

    The provider sends the buyer to `return_url` after the payment, with its session id for `SESSION_ID_PLACEHOLDER`,
    and from the hosted page to `cancel_url` when the buyer leaves it.
    """

    order_id: str
    customer_email: str
    currency: str
    items: Sequence[LineItem]
    ui_mode: UiMode
    return_url: str
    cancel_url: str
    expires_at: datetime
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class CheckoutSession:
    """A session as the far side made it: `client_secret` for elements, `url` for the hosted page."""

    id: str
    client_secret: str | None
    url: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class FetchedSession:
    """What the far side says about a session now: `amount_total` in minor units of `currency`, ISO 4217 upper case.

    A session is complete when the buyer has chosen how to pay; `payment_failed` when the money did not come after all.
    `raw` is the far side's object.
    """

    session: CheckoutSession
    status: SessionStatus
    payment_status: str
    payment_id: str | None
    payment_failed: bool
    amount_total: int
    currency: str
    order_id: str | None
    livemode: bool
    raw: Mapping[str, object]

    @property
    def payment_begun(self) -> bool:
        """Whether money has come through the checkout session, or may still come."""
        return self.status == "complete" and not self.payment_failed


class PaymentGateway(RefundGateway, Protocol):
    """Takes payments and gives money back. Raises `GatewayUnavailable` or `GatewayRejected`."""

    def create_checkout_session(self, request: CheckoutRequest) -> CheckoutSession:
        """Open a checkout; the same idempotency key answers the same session."""
        ...

    def expire_checkout_session(self, session_id: str) -> None:
        """Close an open checkout, so that it cannot be paid any more; a closed one stays as it is."""
        ...

    def fetch_checkout_session(self, session_id: str) -> FetchedSession:
        """The checkout as the far side holds it now."""
        ...
