"""What can be wrong with an order, as facts.

Problem
├── InputInvalid 422
│   ├── ProductUnavailable     unknown, not published, or no longer
│   ├── CourseTwice            a course stands in the order twice
│   ├── CurrencyMixed          one order, one currency
│   ├── OrderFree              nothing to pay
│   └── OrderTooLarge          more than a payment can carry
└── Conflict 409
    ├── CourseOwned            the buyer has this course
    ├── OrderOpen              an order for this course waits already
    └── OrderNotCancellable    only a pending order can be cancelled
"""

from collections.abc import Mapping
from uuid import UUID

from core.problems import Conflict, InputInvalid


class ProductUnavailable(InputInvalid):
    """An item names nothing that is on sale; a draft answers like an unknown id, so that it stays private."""

    code = "product_unavailable"
    title = "This is not on sale."


class CourseTwice(InputInvalid):
    """A course is bought once."""

    code = "course_twice"
    title = "A course stands in the order twice."


class CurrencyMixed(InputInvalid):
    """The items are priced in different currencies."""

    code = "currency_mixed"
    title = "One order has one currency."


class OrderFree(InputInvalid):
    """The items cost nothing together."""

    code = "order_free"
    title = "There is nothing to pay."


class OrderTooLarge(InputInvalid):
    """The total is more than one payment can carry."""

    code = "order_too_large"
    title = "The order is too large."


class CourseOwned(Conflict):
    """The buyer is enrolled already."""

    code = "course_owned"
    title = "You have this course already."


class OrderOpen(Conflict):
    """The buyer has an order for this course that can still be paid, or is being paid or fulfilled."""

    code = "order_open"
    title = "You have an open order for this course."

    def __init__(self, detail: str, *, field: str, order_id: UUID) -> None:
        super().__init__(detail, field=field)
        self.order_id = order_id

    def extras(self) -> Mapping[str, object]:
        """The open order's id, so that a client can lead there."""
        return {**super().extras(), "order_id": str(self.order_id)}


class OrderNotCancellable(Conflict):
    """The order is past the point where the buyer may cancel it."""

    code = "order_not_cancellable"
    title = "This order cannot be cancelled."
