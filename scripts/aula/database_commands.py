"""`aula db`: the schema of the database."""

import typer
from pydantic import BaseModel, Field

from db.migrate import migrate as run_revisions
from scripts.aula.database import database_url, open_sessions
from scripts.aula.exits import NothingDone
from scripts.aula.options import Json, Yes, confirm
from scripts.aula.output import show
from scripts.aula.schema_revision import newest_revision, revision_of

app = typer.Typer(help="The schema of the database.")


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
        run_revisions(database_url())
    show(_revisions(), json=json)


def _revisions() -> RevisionOut:
    with open_sessions() as sessions, sessions.begin() as session:
        return RevisionOut(current=revision_of(session), newest=newest_revision())
