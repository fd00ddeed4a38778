"""The page of the command line, from the commands themselves."""

from collections.abc import Iterator
from typing import Any

import typer.main

from scripts.aula.app import app
from scripts.aula.exits import MEANINGS

_TEXT = """# The command line

`aula` finds and repairs what failed, by the functions that the [HTTP API](README.md) uses. `make setup` and `make run`
make `.venv/bin/aula`; the image has it on its path (`docker compose exec api aula doctor`); `python -m scripts.aula` is
the same. `aula --install-completion` completes commands, options and the values of filters.

```sh
aula doctor                                      # is everything as it must be?
aula findings list --state open                  # what must a person look at?
aula orders list --email anna@                   # the buyer's orders
aula orders show ORDER_ID                        # everything that happened to one
aula jobs list --state dead --since 2h --json    # for programs: one JSON document a line
aula replays start webhooks --since 2h --reason "the table is there again" --dry-run
```

## Which database, and in whose name

It talks to the database of `AULA_DATABASE_URL`; without the variable, to that of the `make run` which serves now. It
needs neither the API nor a token: who has the database's address may do everything.

Each action needs `--reason`, runs in one transaction, and is in the audit log with its operator: the account with the
role `admin` that `--as` or `AULA_OPERATOR` names. When there is one such account, it need not be named. `aula users
create-admin` makes the first without another.

What is large or gives money back asks first on a terminal; elsewhere it needs `--yes`, or for a replay `--limit`.

## What it prints

Lists are tables, records are lines; both fit 80 columns, with colour only on a terminal. `--json` prints the shapes of
the API: one document for a record, one line for each row of a list. Lists print the newest `--limit` rows; `--after`
with the last id goes on. Times of filters are ISO 8601 with a time zone, or a span such as `2h` before now. An error is
one line on stderr, which names the option and what is allowed.

## Exit codes

{exits}
## Commands

Fields in *italics* may be left out. Every command has `--help`, with an example.

{commands}
## The doctor

`aula doctor` looks at settings, database, broker, processes, Stripe, mail and disk. Each check is `ok`, `warning` (it
works, but not as well or not in every case) or `fault` (it does not work, or data can be lost), and says what it means
and what to do. It changes nothing. With wrong settings it names each of them, and checks what does not need them.

A connection pooler is found by its process id, which is not the one of PostgreSQL. One in transaction mode is a fault:
the relay hears no notification there, and prepared statements and settings of a session are lost. The disk of
PostgreSQL is seen only on the same host, by a role that may read `data_directory`.
"""


def command_line_page() -> str:
    """Exit codes, and every command with its options."""
    exits = _table(("code", "meaning"), [(str(code.value), meaning) for code, meaning in MEANINGS.items()])
    rows = [(f"`{name}`", _says(command), _takes(command)) for name, command in _commands("aula", _root())]
    return _TEXT.format(exits=exits, commands=_table(("command", "what it does", "takes"), rows))


def _root() -> Any:  # noqa: ANN401 - Typer's own copy of Click is private
    return typer.main.get_command(app)


def _commands(name: str, command: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - as above
    """Every command below this one, with its whole name."""
    for word, below in getattr(command, "commands", {}).items():
        yield from _commands(f"{name} {word}", below)
    if not hasattr(command, "commands"):
        yield name, command


def _says(command: Any) -> str:  # noqa: ANN401 - as above
    return " ".join(str(command.help).split())


def _takes(command: Any) -> str:  # noqa: ANN401 - as above
    shown = [_parameter(one) for one in command.params if one.name != "help"]
    return ", ".join(shown) or "nothing"


def _parameter(parameter: Any) -> str:  # noqa: ANN401 - as above
    name = parameter.opts[0] if parameter.param_type_name == "option" else parameter.metavar or parameter.name.upper()
    return f"`{name}`" if parameter.required else f"*{name}*"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *(tuple(cell.replace("|", "\\|") for cell in row) for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
