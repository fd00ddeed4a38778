"""Turn a filter into conditions."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement

Compare = Callable[[Any, Any], ColumnElement[bool]]


def matching(*terms: tuple[Any, Compare, object]) -> list[ColumnElement[bool]]:
    """`compare(column, value)` of each term (column, compare, value) whose value is given."""
    return [compare(column, value) for column, compare, value in terms if value is not None]


def contains(column: Any, text: str) -> ColumnElement[bool]:  # noqa: ANN401 - any column of text
    """The text is in the column, whatever its case."""
    return column.icontains(text, autoescape=True)


def begins(column: Any, text: str) -> ColumnElement[bool]:  # noqa: ANN401 - any column of text
    """The column, which is in lower case, begins with the text."""
    return column.startswith(text.lower(), autoescape=True)
