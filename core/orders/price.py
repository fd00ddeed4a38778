"""The total of an order, and its limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from core.offers.inputs import REFUND_DAYS, REFUND_MAX_PROGRESS
from core.offers.prices import MAX_PRICE, allowed, is_allowed
from core.orders.problems import CurrencyMixed, OrderTooLarge, OrderTooSmall
from core.orders.products import ProductKind


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A product on sale and its quantity; `unit_amount` in minor units of `currency`; its terms of refunds."""

    kind: ProductKind
    product_id: UUID
    title: str
    unit_amount: int
    currency: str
    quantity: int
    refund_days: int = REFUND_DAYS
    refund_max_progress: int = REFUND_MAX_PROGRESS


@dataclass(frozen=True, slots=True)
class Total:
    """An amount in minor units of an ISO 4217 currency."""

    amount: int
    currency: str


def total_of(lines: Sequence[OrderLine]) -> Total:
    """The sum of at least one line. Raises CurrencyMixed, OrderTooSmall or OrderTooLarge."""
    currency = lines[0].currency
    for index, line in enumerate(lines):
        if line.currency != currency:
            raise CurrencyMixed(
                f"Item {index} is priced in {line.currency}, item 0 in {currency}; place an order for each currency.",
                field=f"items.{index}",
            )
    amount = sum(line.unit_amount * line.quantity for line in lines)
    if amount > MAX_PRICE:
        raise OrderTooLarge(
            f"The total is {amount} {currency} in minor units; at most {MAX_PRICE} is allowed.",
            field="items",
        )
    if not is_allowed(amount, currency):
        raise OrderTooSmall(
            f"The total is {amount} {currency} in minor units; it must be {allowed(currency)}.", field="items"
        )
    return Total(amount, currency)
