"""What an order costs: the prices of this moment, added up and held against what can be paid."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from core.orders.problems import CurrencyMixed, OrderFree, OrderTooLarge

# Stripe takes amounts of up to eight digits: https://docs.stripe.com/api/prices/object
MAX_TOTAL = 99_999_999

ProductKind = Literal["course", "service"]


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One product on sale and how often it is wanted; `unit_amount` in minor units of `currency`."""

    kind: ProductKind
    product_id: UUID
    title: str
    unit_amount: int
    currency: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Total:
    """Minor units of an ISO 4217 currency."""

    amount: int
    currency: str


def total_of(lines: Sequence[OrderLine]) -> Total:
    """The sum of at least one line. Raises CurrencyMixed, OrderFree or OrderTooLarge."""
    currency = lines[0].currency
    for index, line in enumerate(lines):
        if line.currency != currency:
            raise CurrencyMixed(
                f"Item {index} is priced in {line.currency}, item 0 in {currency}; order them apart.",
                field=f"items.{index}",
            )
    amount = sum(line.unit_amount * line.quantity for line in lines)
    if amount == 0:
        raise OrderFree("The items are free of charge; an order needs something to pay.", field="items")
    if amount > MAX_TOTAL:
        raise OrderTooLarge(
            f"The items cost {amount} {currency} minor units together; at most {MAX_TOTAL} is allowed.",
            field="items",
        )
    return Total(amount, currency)
