"""Currencies and the limits of an amount."""

from emulators.stripe.errors import ApiError
from emulators.stripe.schema import text

MAX_AMOUNT = 99_999_999
# The usual currencies of a Swedish account; Stripe has 135.
CURRENCIES = ("sek", "eur", "usd", "gbp", "nok", "dkk", "chf", "pln", "czk", "cad", "aud", "nzd", "ron", "jpy")
# https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts, in minor units
_MINIMUM = {"sek": 300, "nok": 300, "dkk": 250, "gbp": 30, "pln": 200, "czk": 1_500, "ron": 200}
_DEFAULT_MINIMUM = 50


def currency(value: object, param: str) -> str:
    """A supported ISO 4217 code; Stripe accepts either case and returns lower case."""
    code = text(3)(value, param).lower()
    if code not in CURRENCIES:
        raise ApiError(
            f"Invalid currency: {code}. Stripe currently supports these currencies: {', '.join(CURRENCIES)}",
            param=param,
        )
    return code


def minimum_amount(code: str) -> int:
    """The least amount of a payment in that currency (lower case), in minor units."""
    return _MINIMUM.get(code, _DEFAULT_MINIMUM)
