"""What exit codes mean, and how an error becomes one line and an exit code."""

import sys
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any, Final

import psycopg
from sqlalchemy.exc import DBAPIError
from typer import Abort
from typer.core import TyperGroup
from typer.exceptions import TyperException

from core.problems import InputInvalid, NotFound, Problem
from scripts.aula.output import warn


class Exit(IntEnum):
    """The exit codes."""

    OK = 0
    NOTHING = 1
    USAGE = 2
    REFUSED = 3
    UNREACHABLE = 4


MEANINGS: Final[Mapping[Exit, str]] = {
    Exit.OK: "done",
    Exit.NOTHING: "nothing was found or changed, or a check failed",
    Exit.USAGE: "the command, an option or a value is wrong",
    Exit.REFUSED: "a rule refused it",
    Exit.UNREACHABLE: "the database or the broker cannot be used",
}

_INTERRUPTED: Final = 130


class CommandError(Exception):
    """Ends the command with one line on stderr and an exit code."""

    def __init__(self, message: str, code: Exit) -> None:
        super().__init__(message)
        self.code = code


class NothingDone(CommandError):  # noqa: N818 - a result, not a fault
    """Nothing was found, or nothing was changed."""

    def __init__(self, message: str) -> None:
        super().__init__(message, Exit.NOTHING)


class AulaGroup(TyperGroup):
    """The root of the commands: prints each error as one line."""

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, *_: Any, **__: Any) -> Any:  # noqa: ANN401 - as the base class
        """Run a command and end the process with its exit code."""
        try:
            code = super().main(args, prog_name, standalone_mode=False)
        except (TyperException, CommandError, Problem, DBAPIError) as error:
            code = _report(error)
        except Abort:
            code = _INTERRUPTED
        sys.exit(code or Exit.OK)


def _report(error: Exception) -> int:
    match error:
        case TyperException():
            path = getattr(getattr(error, "ctx", None), "command_path", "aula")
            warn(f"error: {error.format_message().rstrip('.')}; see {path} --help")
            return Exit.USAGE
        case Problem():
            field = f"{error.field}: " if error.field else ""
            warn(f"error: {field}{error.detail}")
            return _code_of(error)
        case DBAPIError():
            return _report_database(error)
        case NothingDone():
            warn(str(error))
            return error.code
        case _:
            warn(f"error: {error}")
            return error.code if isinstance(error, CommandError) else Exit.REFUSED


def _code_of(problem: Problem) -> Exit:
    match problem:
        case NotFound():
            return Exit.NOTHING
        case InputInvalid():
            return Exit.USAGE
        case _:
            return Exit.REFUSED


def _report_database(error: DBAPIError) -> Exit:
    match error.orig:
        case psycopg.errors.QueryCanceled():
            warn("error: the search takes too long; narrow it by --since, --until, --kind or --state")
            return Exit.REFUSED
        case psycopg.errors.UndefinedTable() | psycopg.errors.UndefinedColumn() | psycopg.errors.InvalidSchemaName():
            warn("error: the database has the schema of another release; see aula db current, aula db migrate")
        case _:
            # The first line alone: the others repeat the statement, or name every address that was tried.
            warn(f"error: the database cannot be used: {str(error.orig).splitlines()[0]}")
    return Exit.UNREACHABLE
