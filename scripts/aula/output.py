"""Print results: tables and records for people, JSON for programs. Colour only on a terminal."""

import sys
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from json import dumps
from typing import Final, TypeVar

from pydantic import BaseModel
from rich.console import Console
from rich.table import Table
from rich.text import Text

T = TypeVar("T")

Columns = Mapping[str, Callable[[T], object]]

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_COLOURS: Final = {
    "dead": "red",
    "fault": "red",
    "open": "red",
    "warning": "yellow",
    "paused": "yellow",
    "ok": "green",
    "succeeded": "green",
    "fulfilled": "green",
    "processed": "green",
}


def show_table(rows: Iterable[T], columns: Columns[T]) -> None:
    """Print rows as a table; a cell that is too wide goes on in the next line."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=False)
    for title in columns:
        table.add_column(title, overflow="fold", no_wrap=title == "id")
    for row in rows:
        table.add_row(*(_cell(value(row)) for value in columns.values()))
    Console().print(table)


def show(record: BaseModel, *, json: bool) -> None:
    """Print one record for a person, or as one JSON document."""
    (show_json if json else show_record)(record)


def show_record(record: BaseModel) -> None:
    """Print one record, a line for each field."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in record.model_dump(mode="json").items():
        table.add_row(name, _cell(value))
    Console().print(table)


def show_json(record: BaseModel) -> None:
    """Print one JSON document."""
    sys.stdout.write(record.model_dump_json(indent=2) + "\n")


def show_json_lines(records: Iterable[BaseModel]) -> None:
    """Print each record as one line of JSON."""
    for record in records:
        sys.stdout.write(record.model_dump_json() + "\n")


def warn(message: str) -> None:
    """Print one line on stderr."""
    style = "red" if message.startswith("error") else ""
    Console(stderr=True, soft_wrap=True).print(Text(plain(" ".join(message.split())), style=style))


def say(message: str) -> None:
    """Print one line for a person."""
    Console(soft_wrap=True).print(Text(plain(message)))


def due(at: datetime) -> str:
    """When something is due, such as `in 5m`, or by how much it is late."""
    passed = age(at)
    if passed == "0s":
        return "now"
    return f"in {passed[1:]}" if passed.startswith("-") else f"{passed} late"


def age(then: datetime, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> str:
    """The time since `then` in its largest unit, such as `5m`; `-5m` for a time to come."""
    seconds = int((now() - then).total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    for unit, length in (("d", _DAY), ("h", _HOUR), ("m", _MINUTE)):
        if seconds >= length:
            return f"{sign}{seconds // length}{unit}"
    return f"{sign}{seconds}s"


def plain(text: str) -> str:
    """The text without characters that steer a terminal: it may come from outside."""
    return "".join("\ufffd" if unicodedata.category(one) in {"Cc", "Cf"} and one not in "\n\t" else one for one in text)


def _cell(value: object) -> Text:
    match value:
        case None:
            return Text("-", style="dim")
        case bool():
            return Text("yes" if value else "no")
        case dict() | list():
            return Text(plain(dumps(value, ensure_ascii=False, indent=2)))
        case _:
            text = plain(str(value))
            return Text(text, style=_COLOURS.get(text, ""))
