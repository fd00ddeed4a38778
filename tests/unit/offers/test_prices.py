"""A price is 0, or an amount that the provider can charge."""

from typing import get_args

import pytest

from core.offers.inputs import Currency
from core.offers.prices import MAX_PRICE, MIN_PRICES, PriceNotAllowed, check_price
from emulators.stripe.currencies import MAX_AMOUNT, minimum_amount


@pytest.mark.parametrize(
    ("currency", "least"), [("SEK", 300), ("EUR", 50), ("USD", 50), ("GBP", 30), ("NOK", 300), ("DKK", 250)]
)
def test_a_price_is_free_or_at_least_the_minimum_of_its_currency(currency: str, least: int) -> None:
    for amount in (0, least, MAX_PRICE):
        check_price(amount, currency)
    for amount in (1, least - 1, MAX_PRICE + 1):
        with pytest.raises(PriceNotAllowed):
            check_price(amount, currency)


def test_a_refused_price_names_the_field_the_currency_and_what_is_allowed() -> None:
    with pytest.raises(PriceNotAllowed) as refused:
        check_price(299, "SEK", field="currency")
    assert refused.value.field == "currency"
    assert refused.value.detail == "The price is 2.99 SEK; it must be 0 (free), or from 3.00 to 999,999.99 SEK."


def test_every_allowed_currency_has_a_minimum() -> None:
    (allowed, *_) = get_args(Currency)
    assert set(MIN_PRICES) == set(get_args(allowed))


def test_the_prices_have_the_limits_of_the_emulated_provider() -> None:
    assert {currency: minimum_amount(currency.lower()) for currency in MIN_PRICES} == MIN_PRICES
    assert MAX_PRICE == MAX_AMOUNT
