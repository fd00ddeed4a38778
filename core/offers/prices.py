"""The prices that are allowed: 0 (free), or an amount that the payment provider can charge.

Amounts are in minor units; each allowed currency has two decimals. Source of both limits:
https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
"""

from collections.abc import Mapping
from typing import Final

from core.problems import InputInvalid

MAX_PRICE: Final = 99_999_999
MIN_PRICES: Final[Mapping[str, int]] = {"SEK": 300, "EUR": 50, "USD": 50, "GBP": 30, "NOK": 300, "DKK": 250}


class PriceNotAllowed(InputInvalid):
    """The price is neither 0 nor an amount that can be charged."""

    code = "price_not_allowed"
    title = "This price is not allowed."


def is_allowed(amount: int, currency: str) -> bool:
    """Whether `amount`, in minor units, is free or can be charged. Raises KeyError for a currency that is not sold."""
    return amount == 0 or MIN_PRICES[currency] <= amount <= MAX_PRICE


def allowed(currency: str) -> str:
    """What is allowed, for a message to the caller."""
    return f"0 (free), or from {_decimal(MIN_PRICES[currency])} to {_decimal(MAX_PRICE)} {currency}"


def check_price(amount: int, currency: str, *, field: str = "price_amount") -> None:
    """Raise PriceNotAllowed, naming `field`, unless the price is allowed."""
    if not is_allowed(amount, currency):
        raise PriceNotAllowed(
            f"The price is {_decimal(amount)} {currency}; it must be {allowed(currency)}.", field=field
        )


def _decimal(amount: int) -> str:
    return f"{amount / 100:,.2f}"
