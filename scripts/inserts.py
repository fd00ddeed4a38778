"""Reads what the SQL of core inserts, for the page of messages and for the tests that compare SQL with Python."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_COMMENT = re.compile(r"--.*")
_INSERT = re.compile(r"\binsert\s+into\s+app\.(\w+)\s*\(([^)]*)\)\s*(select|values)\b")
_OBJECT = re.compile(r"jsonb_build_object\((.*)\)", re.DOTALL)
_LITERAL = re.compile(r"'([^']*)'")


@dataclass(frozen=True, slots=True)
class Insert:
    """One row, or the rows of one SELECT, that an INSERT writes: an SQL expression for each column."""

    table: str
    values: Mapping[str, str]


def without_comments(sql: str) -> str:
    """The statement alone."""
    return _COMMENT.sub("", sql)


def inserts(sql: str) -> Iterator[Insert]:
    """Read each `insert into app.<table> (...)` of a statement; each row of VALUES, or SELECT of a UNION, is one."""
    statement = without_comments(sql)
    for found in _INSERT.finditer(statement):
        columns = [column.strip() for column in found[2].split(",")]
        written = _rows if found[3] == "values" else _selects
        for expressions in written(statement[found.end() :]):
            yield Insert(found[1], dict(zip(columns, _split(expressions, ","), strict=True)))


def literal(expression: str) -> str | None:
    """The text of an SQL string, or None where the expression is something else."""
    found = _LITERAL.fullmatch(expression)
    return found[1] if found else None


def json_object(expression: str) -> dict[str, str]:
    """The keys and expressions of `jsonb_build_object(...)`. Raises ValueError for any other expression."""
    found = _OBJECT.fullmatch(expression)
    if not found:
        raise ValueError(f"no jsonb_build_object: {expression}")
    parts = _split(found[1], ",")
    return {(literal(key) or key): value for key, value in zip(parts[::2], parts[1::2], strict=True)}


def _selects(text: str) -> Iterator[str]:
    for select in _split(text, r"\bunion all\b"):
        yield _split(select, r"\bfrom\b")[0].removeprefix("select")


def _rows(text: str) -> Iterator[str]:
    for row in _split(text, r",|\bon conflict\b|\breturning\b"):
        if row.startswith("("):
            yield row[1:-1]


def _split(text: str, separator: str) -> list[str]:
    """Split outside parentheses and strings, up to the end of the enclosing parenthesis."""
    parts: list[str] = []
    start, end, depth = 0, len(text), 0
    for found in re.finditer(rf"'[^']*'|[()]|{separator}", text):
        if found[0] == "(":
            depth += 1
        elif found[0] == ")":
            depth -= 1
            if depth < 0:
                end = found.start()
                break
        elif depth == 0 and not found[0].startswith("'"):
            parts.append(text[start : found.start()].strip())
            start = found.end()
    return [*parts, text[start:end].strip()]
