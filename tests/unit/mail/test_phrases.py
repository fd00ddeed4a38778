"""Both languages have the same phrases."""

from string import Formatter

import pytest

from core.mail.phrases import LOCALES, phrase
from core.mail.render import TEMPLATES


def placeholders(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_every_phrase_with_the_same_placeholders() -> None:
    assert {name: placeholders(text) for name, text in LOCALES["sv"].items()} == {
        name: placeholders(text) for name, text in LOCALES["en"].items()
    }


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_has_a_subject(template: str) -> None:
    assert phrase("sv", f"{template}_subject") != phrase("en", f"{template}_subject")
