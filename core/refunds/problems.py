"""Why a refund is refused.

Problem
├── InputInvalid 422
│   ├── ItemUnknown            the order has no such item
│   └── ItemRepeated           an item is named twice
├── RefundForbidden 403        the caller's role may not give this back
└── Conflict 409
    ├── OrderNotRefundable     it is not paid, was free, or is disputed
    ├── ItemRefunded           the item was given back before
    ├── RefundTimeOver         the buyer's time to ask is over
    ├── RefundProgressOver     the buyer has completed too much of the course
    ├── RefundOverLeft         less than that is left to give back; `left_amount` says how much
    └── PaymentUnknown         a finding names no payment of this system
"""

from collections.abc import Mapping

from core.problems import Conflict, Forbidden, InputInvalid


class ItemUnknown(InputInvalid):
    """The order has no such item."""

    code = "item_unknown"
    title = "The order has no such item."


class ItemRepeated(InputInvalid):
    """An item is named twice."""

    code = "item_repeated"
    title = "An item can be named once."


class RefundForbidden(Forbidden):
    """The caller's role may not give this back."""

    code = "refund_forbidden"
    title = "You may not give this back."


class OrderNotRefundable(Conflict):
    """No money of the order can be given back now."""

    code = "order_not_refundable"
    title = "This order cannot be refunded."


class ItemRefunded(Conflict):
    """The item was given back before."""

    code = "item_refunded"
    title = "This item is refunded."


class RefundTimeOver(Conflict):
    """The buyer's time to ask for a refund is over."""

    code = "refund_time_over"
    title = "The time for a refund is over."


class RefundProgressOver(Conflict):
    """The buyer has completed too much of the course."""

    code = "refund_progress_over"
    title = "Too much of the course is completed for a refund."


class RefundOverLeft(Conflict):
    """Less than that is left to give back."""

    code = "refund_over_left"
    title = "Less than that is left to refund."

    def __init__(self, detail: str, *, left_amount: int, field: str | None = None) -> None:
        super().__init__(detail, field=field)
        self.left_amount = left_amount

    def extras(self) -> Mapping[str, object]:
        """What is left, in minor units of the payment's currency."""
        return {**super().extras(), "left_amount": self.left_amount}


class PaymentUnknown(Conflict):
    """The finding names no payment of this system."""

    code = "payment_unknown"
    title = "There is no known payment to refund."
