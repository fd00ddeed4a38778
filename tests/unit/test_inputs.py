"""The rules of inputs, in words."""

from typing import Annotated

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from core.console.filters import Search
from core.inputs import rule_of
from core.text import Line

SEARCH: TypeAdapter[str] = TypeAdapter(Search)


def broken_rule(adapter: TypeAdapter[str], value: object) -> str:
    with pytest.raises(ValidationError) as refused:
        adapter.validate_python(value)
    return rule_of(refused.value.errors()[0])


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("ab", "must have at least 3 characters"),
        ("x" * 201, "must have at most 200 characters"),
        ("abc\x07", "must not have the character U+0007"),
        (5, "Input should be a valid string"),
    ],
)
def test_a_broken_rule_of_text_counts_characters(value: object, rule: str) -> None:
    assert broken_rule(SEARCH, value) == rule


def test_a_list_counts_its_items() -> None:
    lines: TypeAdapter[list[str]] = TypeAdapter(Annotated[list[Line], Field(max_length=1)])
    with pytest.raises(ValidationError) as refused:
        lines.validate_python(["a", "b"])
    assert "at most 1 item" in rule_of(refused.value.errors()[0])
