"""The command line `aula`, called in this process on a test's database, in 80 columns."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from typer.testing import CliRunner

from scripts.aula.app import app

WIDTH = 80


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:  # noqa: ANN401 - any JSON
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """The documents of JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(frozen=True, slots=True)
class CommandLine:
    """Calls commands with these variables."""

    env: Mapping[str, str | None]

    def __call__(self, *arguments: object, given: str | None = None) -> Answer:
        """Call a command; `given` is its stdin."""
        called = CliRunner().invoke(
            app, [str(one) for one in arguments], given, {"COLUMNS": str(WIDTH), **self.env}, prog_name="aula"
        )
        if called.exception and not isinstance(called.exception, SystemExit):
            raise called.exception
        return Answer(called.exit_code, called.stdout, called.stderr)

    def done(self, *arguments: object, given: str | None = None) -> Answer:
        """Call a command that must succeed."""
        answer = self(*arguments, given=given)
        assert answer.code == 0, answer
        return answer
