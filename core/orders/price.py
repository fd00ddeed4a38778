"""The total of an order, and its limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from core.orders.problems import CurrencyMixed, OrderFree, OrderTooLarge
from core.orders.products import ProductKind

# Stripe takes amounts of up to eight digits: https://docs.stripe.com/api/prices/object
MAX_TOTAL = 99_999_999


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A product on sale and its quantity; `unit_amount` in minor units of `currency`."""

    kind: ProductKind
    product_id: UUID
    title: str
    unit_amount: int
    currency: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Total:
    """An amount in minor units of an ISO 4217 currency."""

    amount: int
    currency: str


def total_of(lines: Sequence[OrderLine]) -> Total:
    """The sum of at least one line. Raises CurrencyMixed, OrderFree or OrderTooLarge."""
    currency = lines[0].currency
    for index, line in enumerate(lines):
        if line.currency != currency:
            raise CurrencyMixed(
                f"Item {index} is priced in {line.currency}, item 0 in {currency}; place an order for each currency.",
                field=f"items.{index}",
            )
    amount = sum(line.unit_amount * line.quantity for line in lines)
    if amount == 0:
        raise OrderFree("The items cost nothing; an order must cost more than 0.", field="items")
    if amount > MAX_TOTAL:
        raise OrderTooLarge(
            f"The total is {amount} {currency} in minor units; at most {MAX_TOTAL} is allowed.",
            field="items",
        )
    return Total(amount, currency)
