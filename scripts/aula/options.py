"""Options that many commands share, and the check of what is given."""

import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, TypeVar

import typer
from pydantic import BaseModel, ValidationError

from core.inputs import rule_of
from core.problems import InputInvalid
from scripts.aula.exits import CommandError, Exit

M = TypeVar("M", bound=BaseModel)

Json = Annotated[bool, typer.Option("--json", help="Print JSON, in the shapes of the API.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept in the audit log.")]
Operator = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="EMAIL",
        envvar="AULA_OPERATOR",
        help="Your account's address; may be left out if there is one operator.",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]

_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_SPAN: Final = re.compile(r"(\d{1,6})([smhd])")
TIMES: Final = ("since", "until")
TIME_FORMAT: Final = "ISO 8601 with a time zone, or a span such as 2h or 7d before now"


def checked(model: type[M], given: Mapping[str, object]) -> M:
    """The given values as the API would read them. Raises InputInvalid naming the option and what is allowed."""
    values = {name: _time(value) if name in TIMES else value for name, value in given.items() if value is not None}
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
    name = str(first["loc"][-1]) if first["loc"] else None
    rule = f"must be {TIME_FORMAT}" if name in TIMES else rule_of(first)
    raise InputInvalid(rule, field=f"--{name.replace('_', '-')}" if name else None)


def confirm(question: str, *, yes: bool) -> None:
    """Ask on a terminal. Raises CommandError without a terminal, or when the answer is no."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise CommandError(f"{question} Give --yes to do it", Exit.REFUSED)
    if not typer.confirm(question, err=True):
        raise CommandError("not done", Exit.REFUSED)


def _time(given: Any) -> Any:  # noqa: ANN401 - the model checks what is no span
    """A span such as `2h` is that long ago."""
    span = _SPAN.fullmatch(given) if isinstance(given, str) else None
    if span is None:
        return given
    try:
        return datetime.now(UTC) - timedelta(**{_UNITS[span[2]]: int(span[1])})
    except OverflowError:
        return given
