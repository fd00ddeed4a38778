"""The command `list` of a noun. Its options are the fields of the filter that the API has."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Generic, Literal, TypeVar, get_args, get_origin
from uuid import UUID

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from sqlalchemy.orm import Session

from api.schemas.base import Schema
from core.console.filters import Filter
from core.paging import Newest, PageRequest, Slice
from scripts.aula.database import reading
from scripts.aula.exits import NothingDone
from scripts.aula.options import TIME_FORMAT, TIMES, Json, checked
from scripts.aula.output import Columns, show_json_lines, show_table, warn

F = TypeVar("F", bound=Filter)
R = TypeVar("R")
S = TypeVar("S", bound=Schema)

MAX_ROWS: Final = 1000
# More choices than these are in a document.
_SHOWN_CHOICES: Final = 15

Limit = Annotated[
    int, typer.Option("--limit", min=1, max=MAX_ROWS, metavar="N", help=f"At most so many rows, up to {MAX_ROWS}.")
]
After = Annotated[
    UUID | None, typer.Option("--after", metavar="ID", help="Older than this id: the last one of the page before.")
]


@dataclass(frozen=True, slots=True)
class Listing(Generic[F, R, S]):
    """How rows of a noun are found by a filter, and shown."""

    wanted: type[F]
    find: Callable[[Session, F, PageRequest[Newest]], Slice[R, Newest]]
    schema_of: Callable[[R], S]
    columns: Columns[S]

    def command(self) -> Callable[..., None]:
        """The command, with an option for each field of the filter."""

        def run(limit: int, after: UUID | None, *, json: bool, **given: str | None) -> None:
            page: PageRequest[Newest] = PageRequest(limit, (datetime.now(UTC), after) if after else None)
            with reading() as session:
                found = self.find(session, checked(self.wanted, given), page)
                rows = [self.schema_of(row) for row in found.items]
            show_rows(rows, self.columns, json=json)
            if found.next:
                warn(f"There are more: --after {found.next[1]}")

        common = {"limit": (Limit, 20), "after": (After, None), "json": (Json, False)}
        return with_options(run, {**filter_options(self.wanted), **common})


def show_rows(rows: Sequence[S], columns: Columns[S], *, json: bool) -> None:
    """Print rows as a table or as JSON lines. Raises NothingDone when there are none."""
    if not rows:
        raise NothingDone("nothing found")
    if json:
        show_json_lines(rows)
    else:
        show_table(rows, columns)


def add_list(app: typer.Typer, listing: Listing[Any, Any, Any], text: str, example: str) -> None:
    """Add the command `list`."""
    app.command("list", help=text, epilog=f"Example: {example}")(listing.command())


def filter_options(wanted: type[BaseModel]) -> Mapping[str, tuple[object, object]]:
    """An option for each field: its annotation and its default."""
    return {name: (_option(name, field), None) for name, field in wanted.model_fields.items()}


def with_options(run: Callable[..., None], options: Mapping[str, tuple[object, object]]) -> Callable[..., None]:
    """The function, with keyword parameters of these annotations and defaults, as Typer reads them."""

    def command(**given: object) -> None:
        run(**given)

    command.__signature__ = inspect.Signature(  # pyright: ignore[reportFunctionMemberAccess] - a function has it if it is set
        [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)
            for name, (annotation, default) in options.items()
        ]
    )
    command.__annotations__ = {name: annotation for name, (annotation, _) in options.items()}
    return command


def _option(name: str, field: FieldInfo) -> object:
    choices = _choices(field.annotation)
    text = field.description or ""
    if name in TIMES:
        text = f"{text.split(';')[0].rstrip('.')}; {TIME_FORMAT}."
    if 0 < len(choices) <= _SHOWN_CHOICES:
        text = f"{text} One of {', '.join(choices)}.".strip()

    def complete(incomplete: str) -> list[str]:
        return [one for one in choices if one.startswith(incomplete)]

    option = typer.Option(
        f"--{name.replace('_', '-')}",
        help=text or None,
        metavar=name.rpartition("_")[2].upper(),
        autocompletion=complete,
    )
    return Annotated[str | None, option]


def _choices(annotation: object) -> Sequence[str]:
    """The values of an optional Literal or StrEnum; empty for another type."""
    for part in (annotation, *get_args(annotation)):
        if get_origin(part) is Literal:
            return [str(value) for value in get_args(part)]
        if isinstance(part, type) and issubclass(part, StrEnum):
            return [str(value) for value in part]
    return []
