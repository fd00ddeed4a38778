"""`aula audit`: the audit log."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from api.schemas.admin.audit import AuditEntryOut, VerificationOut
from core.audit.anchors import Evidence, evidence, public_key, stored_evidence
from core.audit.verify import verify
from core.console.audit import MAX_EXPORT, entries, export
from core.console.filters import AuditFilter
from core.settings import Settings, SettingsInvalid, settings
from core.wiring.anchors import anchor_store, trusted_anchor_keys
from scripts.aula.database import open_sessions, use_running
from scripts.aula.exits import CommandError, Exit, NothingDone
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
def verify_chain(
    *,
    anchors: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Anchors copied from emails, in place of AULA_AUDIT_ANCHORS; - is stdin."),
    ] = None,
    json: Json = False,
) -> None:
    """Recompute the hash chain, and compare it with its anchors; exit code 1 when it is broken."""
    outside = _outside(anchors)
    with open_sessions() as sessions, sessions.begin() as session:
        found = VerificationOut.model_validate(verify(session, outside))
    show(found, json=json)
    if found.fault:
        raise NothingDone(f"the audit log is not proven: {found.fault}")


@app.command("public-key", epilog="Example: aula audit public-key > key-of-2026.txt")
def print_public_key() -> None:
    """Print the public key of AULA_AUDIT_KEY, which proves its anchors."""
    key = _settings().audit_key
    if key is None:
        raise NothingDone("AULA_AUDIT_KEY is not set: the audit log has no anchors")
    typer.echo(public_key(key.get_secret_value()))


def _outside(file: Path | None) -> Evidence:
    trusted = trusted_anchor_keys(_settings())
    if file is None:
        return stored_evidence(anchor_store(_settings()), trusted)
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"--anchors: {error}", Exit.USAGE) from error
    return evidence([text], trusted)


def _settings() -> Settings:
    use_running()
    try:
        return settings()
    except SettingsInvalid as error:
        raise CommandError(str(error), Exit.USAGE) from error


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
