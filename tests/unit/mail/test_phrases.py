"""Both languages have the same phrases, and amounts of money are formatted."""

from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mail.phrases import LOCALES, phrase
from core.mail.render import TEMPLATES, money


def placeholders(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_every_phrase_with_the_same_placeholders() -> None:
    assert {name: placeholders(text) for name, text in LOCALES["sv"].items()} == {
        name: placeholders(text) for name, text in LOCALES["en"].items()
    }


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_has_a_subject(template: str) -> None:
    assert phrase("sv", f"{template}_subject") != phrase("en", f"{template}_subject")


def test_an_unknown_language_falls_back_to_swedish() -> None:
    assert phrase("fi", "greeting") == phrase("sv", "greeting")


@pytest.mark.parametrize(
    ("amount", "shown"),
    [(0, "0.00 SEK"), (5, "0.05 SEK"), (49_900, "499.00 SEK"), (123_456_789, "1\u00a0234\u00a0567.89 SEK")],
)
def test_money_is_shown_in_major_units(amount: int, shown: str) -> None:
    assert money(amount, "SEK") == shown


@given(st.integers(0, 10**12))
def test_a_shown_amount_has_the_same_digits(amount: int) -> None:
    assert int("".join(filter(str.isdigit, money(amount, "SEK")))) == amount
