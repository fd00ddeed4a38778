"""Amounts and times in the form of each language."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.formats import Language, day, moment, money
from core.offers.prices import MIN_PRICES


@pytest.mark.parametrize(
    ("amount", "currency", "swedish", "english"),
    [
        (0, "SEK", "0,00 kr", "SEK 0.00"),
        (5, "SEK", "0,05 kr", "SEK 0.05"),
        (123_450, "SEK", "1 234,50 kr", "SEK 1,234.50"),
        (123_456_789, "EUR", "1 234 567,89 EUR", "EUR 1,234,567.89"),
        (99_999_999, "USD", "999 999,99 USD", "USD 999,999.99"),
        (30, "GBP", "0,30 GBP", "GBP 0.30"),
        (49_900, "NOK", "499,00 NOK", "NOK 499.00"),
        (100_000, "DKK", "1 000,00 DKK", "DKK 1,000.00"),
    ],
)
def test_an_amount_has_the_form_of_the_language(amount: int, currency: str, swedish: str, english: str) -> None:
    shown = [money(amount, currency, "sv"), money(amount, currency, "en")]
    assert [one.replace("\u00a0", " ") for one in shown] == [swedish, english]
    assert not any(" " in one for one in shown), "an amount never breaks at the end of a line"


@given(st.integers(0, 10**12), st.sampled_from(sorted(MIN_PRICES)), st.sampled_from(["sv", "en"]))
def test_a_shown_amount_has_the_same_digits(amount: int, currency: str, language: Language) -> None:
    assert int("".join(filter(str.isdigit, money(amount, currency, language)))) == amount


@pytest.mark.parametrize(
    ("at", "swedish", "english"),
    [
        (
            datetime(2026, 11, 25, 23, 5, tzinfo=UTC),
            "26 november 2026 kl. 00:05 (Europe/Stockholm)",
            "26 November 2026 at 00:05 (Europe/Stockholm)",
        ),
        (
            datetime(2026, 7, 1, 12, 0, tzinfo=UTC),
            "1 juli 2026 kl. 14:00 (Europe/Stockholm)",
            "1 July 2026 at 14:00 (Europe/Stockholm)",
        ),
    ],
)
def test_a_time_is_in_stockholm_and_names_the_zone(at: datetime, swedish: str, english: str) -> None:
    assert (moment(at, "sv"), moment(at, "en")) == (swedish, english)
    assert moment(at, "sv").startswith(day(at, "sv"))
