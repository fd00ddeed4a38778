from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.offers.prices import MAX_PRICE, MIN_PRICES
from core.orders.price import OrderLine, Total, total_of
from core.orders.problems import CurrencyMixed, OrderTooLarge, OrderTooSmall
from core.orders.products import COURSE, SERVICE

amounts = st.one_of(st.just(0), st.integers(0, 400), st.integers(0, MAX_PRICE))


def line(amount: int, quantity: int = 1, currency: str = "SEK") -> OrderLine:
    return OrderLine(SERVICE, uuid4(), "Lesson", amount, currency, quantity)


@given(st.lists(st.tuples(amounts, st.integers(1, 20)), min_size=1, max_size=20))
def test_a_total_is_the_exact_sum_or_is_refused(wanted: list[tuple[int, int]]) -> None:
    lines = [line(amount, quantity) for amount, quantity in wanted]
    expected = sum(amount * quantity for amount, quantity in wanted)
    if 0 < expected < MIN_PRICES["SEK"]:
        with pytest.raises(OrderTooSmall):
            total_of(lines)
    elif expected > MAX_PRICE:
        with pytest.raises(OrderTooLarge):
            total_of(lines)
    else:
        assert total_of(lines) == Total(expected, "SEK")


@pytest.mark.parametrize("amount", [0, 300, MAX_PRICE])
def test_a_total_at_the_bounds_is_allowed(amount: int) -> None:
    assert total_of([line(amount)]) == Total(amount, "SEK")


def test_a_total_above_the_bound_is_refused_with_both_numbers() -> None:
    with pytest.raises(OrderTooLarge, match=r"100000000 SEK.*at most 99999999"):
        total_of([line(MAX_PRICE), line(1)])


@pytest.mark.parametrize(("currency", "least"), MIN_PRICES.items())
def test_a_total_below_the_minimum_of_its_currency_is_refused(currency: str, least: int) -> None:
    assert total_of([line(least, currency=currency)]) == Total(least, currency)
    with pytest.raises(
        OrderTooSmall, match=rf"The total is {least - 1} {currency} .*from {least / 100:.2f} to"
    ) as refused:
        total_of([line(least - 1, currency=currency)])
    assert refused.value.field == "items"


def test_the_first_item_of_another_currency_is_named() -> None:
    lines = [line(1), line(1), line(1, currency="EUR"), line(1, currency="NOK")]
    with pytest.raises(CurrencyMixed, match="Item 2 is priced in EUR") as refused:
        total_of(lines)
    assert refused.value.field == "items.2"


def test_a_free_item_beside_a_paid_one_is_allowed() -> None:
    course = OrderLine(COURSE, UUID(int=1), "Welcome", 0, "SEK", 1)
    assert total_of([course, line(4_900)]) == Total(4_900, "SEK")
