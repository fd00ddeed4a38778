from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.orders.price import MAX_TOTAL, OrderLine, Total, total_of
from core.orders.problems import CurrencyMixed, OrderFree, OrderTooLarge
from core.orders.products import COURSE, SERVICE

amounts = st.integers(0, 99_999_999)


def line(amount: int, quantity: int = 1, currency: str = "SEK") -> OrderLine:
    return OrderLine(SERVICE, uuid4(), "Lesson", amount, currency, quantity)


@given(st.lists(st.tuples(amounts, st.integers(1, 20)), min_size=1, max_size=20))
def test_a_total_is_the_exact_sum_or_is_refused(wanted: list[tuple[int, int]]) -> None:
    lines = [line(amount, quantity) for amount, quantity in wanted]
    expected = sum(amount * quantity for amount, quantity in wanted)
    if expected == 0:
        with pytest.raises(OrderFree):
            total_of(lines)
    elif expected > MAX_TOTAL:
        with pytest.raises(OrderTooLarge):
            total_of(lines)
    else:
        assert total_of(lines) == Total(expected, "SEK")


@pytest.mark.parametrize("amount", [1, MAX_TOTAL])
def test_a_total_at_the_bounds_is_allowed(amount: int) -> None:
    assert total_of([line(amount)]) == Total(amount, "SEK")


def test_a_total_above_the_bound_is_refused_with_both_numbers() -> None:
    with pytest.raises(OrderTooLarge, match=r"100000000 SEK.*at most 99999999"):
        total_of([line(MAX_TOTAL), line(1)])


def test_the_first_item_of_another_currency_is_named() -> None:
    lines = [line(1), line(1), line(1, currency="EUR"), line(1, currency="NOK")]
    with pytest.raises(CurrencyMixed, match="Item 2 is priced in EUR") as refused:
        total_of(lines)
    assert refused.value.field == "items.2"


def test_a_free_item_beside_a_paid_one_is_allowed() -> None:
    course = OrderLine(COURSE, UUID(int=1), "Welcome", 0, "SEK", 1)
    assert total_of([course, line(4_900)]) == Total(4_900, "SEK")
