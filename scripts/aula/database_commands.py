"""`aula db`: the schema of the database, its backup and its restore."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel, Field

from db.migrate import SchemaOfLaterRelease
from db.migrate import migrate as run_revisions
from db.revision import NEWEST, revision_of
from scripts.aula.backups import back_up, restore
from scripts.aula.database import database_url, open_sessions, use_running
from scripts.aula.exits import CommandError, Exit, NothingDone
from scripts.aula.options import Json, Yes, confirm
from scripts.aula.output import show

app = typer.Typer(help="The schema of the database, its backup and its restore.")

File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup; what is said about it is in FILE.json.")]
Into = Annotated[
    str,
    typer.Option("--into", metavar="URL", help="The address of an empty database; PGPASSWORD may have its password."),
]


class RevisionOut(BaseModel):
    """The revision of the schema."""

    current: str | None = Field(description="Of the database; null before the first migration.")
    newest: str = Field(description="Of this release.")


@app.command(epilog="Example: aula db current || aula db migrate --yes")
def current(*, json: Json = False) -> None:
    """The revision of the database and the newest one; exit code 1 when they differ."""
    found = _revisions()
    show(found, json=json)
    if found.current != found.newest:
        raise NothingDone("the schema is not at the newest revision: aula db migrate")


@app.command(epilog="Example: aula db migrate --yes")
def migrate(*, yes: Yes = False, json: Json = False) -> None:
    """Migrate the database to the newest revision; harmless to repeat."""
    before = _revisions()
    if before.current != before.newest:
        confirm(f"This migrates from {before.current or 'an empty database'} to {before.newest}.", yes=yes)
        try:
            run_revisions(database_url())
        except SchemaOfLaterRelease as error:
            raise CommandError(str(error), Exit.REFUSED) from None
    show(_revisions(), json=json)


@app.command(epilog="Example: aula db backup /backups/aula-2026-11-27")
def backup(file: File, *, json: Json = False) -> None:
    """Back the whole database up into FILE, while everything runs; FILE.json has its checksum."""
    show(back_up(file), json=json)


@app.command("restore", epilog="Example: aula db restore /backups/aula-2026-11-27 --into postgresql://aula@db/aula_new")
def restore_backup(file: File, into: Into, *, json: Json = False) -> None:
    """Restore FILE into an empty database, completely or not at all."""
    # A database that does not answer ends the command.
    use_running()
    restored = restore(file, into)
    show(restored, json=json)
    if restored.revision != restored.newest:
        raise NothingDone("the schema is older than this release: set AULA_DATABASE_URL to it, then aula db migrate")


def _revisions() -> RevisionOut:
    with open_sessions() as sessions, sessions.begin() as session:
        return RevisionOut(current=revision_of(session), newest=NEWEST)
