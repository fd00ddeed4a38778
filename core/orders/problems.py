"""The problems of placing and cancelling an order.

Problem
├── InputInvalid 422
│   ├── ProductUnavailable     unknown or not published
│   ├── ProductTwice           two items name one course or seminar
│   ├── CurrencyMixed          the items have different currencies
│   ├── OrderTooSmall          not free, and below the minimum of one payment
│   └── OrderTooLarge          above the limit of one payment
└── Conflict 409
    ├── CourseOwned            the buyer is enrolled already
    ├── SeatOwned              the buyer has a seat already
    ├── OrderOpen              another order for this course or seminar is open
    └── OrderNotCancellable    only a pending order can be cancelled
"""

from collections.abc import Mapping
from uuid import UUID

from core.problems import Conflict, InputInvalid


class ProductUnavailable(InputInvalid):
    """An item is not on sale; a draft gets the same answer as an unknown id, so it stays private."""

    code = "product_unavailable"
    title = "This is not on sale."


class ProductTwice(InputInvalid):
    """Two items name the same course or seminar."""

    code = "product_twice"
    title = "A course or a seminar can be ordered only once."


class CurrencyMixed(InputInvalid):
    """The items are priced in different currencies."""

    code = "currency_mixed"
    title = "All items must have the same currency."


class OrderTooSmall(InputInvalid):
    """The total is not 0, and below the minimum of one payment."""

    code = "order_too_small"
    title = "The order is too small."


class OrderTooLarge(InputInvalid):
    """The total is above the limit of one payment."""

    code = "order_too_large"
    title = "The order is too large."


class CourseOwned(Conflict):
    """The buyer is enrolled already."""

    code = "course_owned"
    title = "You have this course already."


class SeatOwned(Conflict):
    """The buyer has a seat already."""

    code = "seat_owned"
    title = "You have a seat at this seminar already."


class OrderOpen(Conflict):
    """The buyer has an order for this course or seminar that can be paid, or is being paid or fulfilled."""

    code = "order_open"
    title = "You have an open order for this."

    def __init__(self, detail: str, *, field: str, order_id: UUID) -> None:
        super().__init__(detail, field=field)
        self.order_id = order_id

    def extras(self) -> Mapping[str, object]:
        """The open order's id, so that a client can link to it."""
        return {**super().extras(), "order_id": str(self.order_id)}


class OrderNotCancellable(Conflict):
    """The order is no longer pending."""

    code = "order_not_cancellable"
    title = "This order cannot be cancelled."
