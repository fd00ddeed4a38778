"""`aula audit`: the audit log."""

import sys
from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

import typer

from api.schemas.admin.audit import AuditEntryOut, VerificationOut
from core.audit.verify import verify
from core.console.audit import MAX_EXPORT, entries, export
from core.console.filters import AuditFilter
from scripts.aula.database import open_sessions
from scripts.aula.exits import NothingDone
from scripts.aula.lists import Listing, filter_options, with_options
from scripts.aula.options import Json, checked
from scripts.aula.output import age, show

app = typer.Typer(help="The audit log.")

_SEARCH = Listing(
    AuditFilter,
    entries,
    AuditEntryOut.model_validate,
    {
        "id": lambda row: row.id,
        "tag": lambda row: row.tag,
        "age": lambda row: age(row.at),
    },
)
app.command(
    "search",
    help="Entries, the newest first; with --json they have their data.",
    epilog="Example: aula audit search --subject-id ID --since 7d",
)(_SEARCH.command())


@app.command("verify", epilog="Example: aula audit verify && echo whole")
def verify_chain(*, json: Json = False) -> None:
    """Recompute the hash chain over all sealed entries; exit code 1 when it is broken."""
    with open_sessions() as sessions, sessions.begin() as session:
        found = VerificationOut.model_validate(verify(session))
    show(found, json=json)
    if found.fault:
        raise NothingDone(f"the chain is broken: {found.fault}")


def _export() -> Callable[..., None]:
    def run(limit: int, after: UUID | None, **given: str | None) -> None:
        wanted = checked(AuditFilter, given)
        with open_sessions() as sessions:
            found = [bool(sys.stdout.write(lines.decode())) for lines in export(sessions, wanted, limit, after)]
        if not any(found):
            raise NothingDone("nothing found")

    options: dict[str, tuple[Any, Any]] = {
        **filter_options(AuditFilter),
        "limit": (
            Annotated[int, typer.Option(min=1, max=MAX_EXPORT, metavar="N", help=f"At most so many, to {MAX_EXPORT}.")],
            10_000,
        ),
        "after": (
            Annotated[UUID | None, typer.Option(metavar="ID", help="Go on after this id, the last one exported.")],
            None,
        ),
    }
    return with_options(run, options)


app.command(
    "export",
    help="Entries as JSON lines, the oldest first.",
    epilog="Example: aula audit export --since 30d > audit.jsonl",
)(_export())
