"""What the business needs from a payment provider to give money back."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """Give `amount`, in minor units of the payment's currency, of a payment back.

    The provider keeps `refund_id` and `order_id` on the refund, and tells them in its events.
    """

    payment_id: str
    amount: int
    refund_id: str
    order_id: str
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class ProviderRefund:
    """A refund as the provider holds it; `status` is the provider's word."""

    id: str
    status: str
    amount: int


class RefundGateway(Protocol):
    """Gives money back. Raises `GatewayUnavailable` or `GatewayRejected`."""

    def create_refund(self, request: RefundRequest) -> ProviderRefund:
        """Give money back; the same idempotency key answers the same refund."""
        ...

    def find_refund(self, payment_id: str, refund_id: str) -> ProviderRefund | None:
        """The refund of a payment that was created for `refund_id`, or None."""
        ...
