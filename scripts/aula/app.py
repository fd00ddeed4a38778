"""The command `aula`: its nouns, tied together."""

import typer

from scripts.aula import audit, findings, jobs, orders, queues, replays, schedules, users, webhooks
from scripts.aula import database_commands as db
from scripts.aula.doctor.command import doctor
from scripts.aula.exits import MEANINGS, AulaGroup

_CODES = "; ".join(f"{code.value}: {meaning}" for code, meaning in MEANINGS.items())

app = typer.Typer(
    cls=AulaGroup,
    help="Look after Aula: find what failed and why, and repair it. Every action needs --reason and is audited.",
    epilog=f"Exit codes. {_CODES}.",
    pretty_exceptions_enable=False,
)
for _noun, _commands in {
    "findings": findings.app,
    "jobs": jobs.app,
    "webhooks": webhooks.app,
    "replays": replays.app,
    "queues": queues.queues_app,
    "kinds": queues.kinds_app,
    "schedules": schedules.app,
    "orders": orders.app,
    "audit": audit.app,
    "users": users.app,
    "db": db.app,
}.items():
    app.add_typer(_commands, name=_noun)
app.command(epilog="Example: aula doctor --json")(doctor)


@app.callback(invoke_without_command=True)
def root(context: typer.Context) -> None:
    """Without a command, print the help."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
