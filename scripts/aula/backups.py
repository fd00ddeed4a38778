"""Back a database up into a file, and restore it into an empty database."""

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

from alembic.script import ScriptDirectory
from alembic.util import CommandError as UnknownRevision
from pydantic import BaseModel, Field, ValidationError
from sqlalchemy import text
from sqlalchemy.orm import Session

from db.migrate import alembic_config
from db.revision import NEWEST, revision_of
from scripts.aula.database import database_url, open_sessions
from scripts.aula.exits import CommandError, Exit
from scripts.local.errors import LocalServiceError
from scripts.postgres_clients import client_version, find_client, run_client

# The roles of another server may have other names: whoever restores owns everything.
_OPTIONS: Final = ("--no-owner", "--no-privileges")
_MAJOR: Final = text("select current_setting('server_version_num')::int / 10000")
_RELATIONS: Final = text("""
    select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname not in ('pg_catalog', 'pg_toast', 'information_schema') and n.nspname not like 'pg\\_temp%'
      and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
""")


class Backup(BaseModel):
    """What FILE.json says about FILE."""

    taken_at: datetime = Field(description="The backup has what was committed until then, and a little more.")
    revision: str = Field(description="Of the schema.")
    postgresql: Annotated[int, Field(ge=1)] = Field(description="The major version of the server.")
    pg_dump: Annotated[int, Field(ge=1)] = Field(description="The major version of the program.")
    size: int = Field(description="Bytes of FILE.")
    sha256: str = Field(description="Of FILE.")


class Restored(BaseModel):
    """A database after a restore."""

    taken_at: datetime = Field(description="When the backup began: what was committed later is not there.")
    revision: str = Field(description="Of the schema; an older one than `newest` needs aula db migrate.")
    newest: str = Field(description="Of this release.")


def back_up(file: Path) -> Backup:
    """Write FILE and FILE.json; both are complete, or not there.

    Raises CommandError, sqlalchemy.exc.DBAPIError.
    """
    _check_new(file)
    with open_sessions() as sessions, sessions.begin() as session:
        revision, major = revision_of(session), _major_of(session)
    if revision is None:
        raise CommandError("the database has no schema: there is nothing to back up", Exit.NOTHING)
    taken_at = datetime.now(UTC)
    with _errors_in_one_line(), _partial(file) as partial:
        program = find_client("pg_dump", major)
        run_client(program, ["--format=custom", *_OPTIONS, f"--file={partial}"], database_url())
        backup = Backup(
            taken_at=taken_at,
            revision=revision,
            postgresql=major,
            pg_dump=client_version(program),
            size=partial.stat().st_size,
            sha256=_sha256(partial),
        )
        described = _description(file)
        described.touch(mode=0o600)
        described.write_text(backup.model_dump_json(indent=2) + "\n", encoding="utf-8")
        partial.rename(file)
    return backup


def restore(file: Path, into: str) -> Restored:
    """Restore FILE into an empty database, in one transaction.

    Raises CommandError, sqlalchemy.exc.DBAPIError.
    """
    backup = _read(file)
    _check_revision(backup)
    with open_sessions(into) as sessions, sessions.begin() as session:
        _check_target(session, backup)
    with _errors_in_one_line():
        program = find_client("pg_restore", backup.pg_dump)
        run_client(program, ["--single-transaction", "--exit-on-error", *_OPTIONS, str(file)], into)
    with open_sessions(into) as sessions, sessions.begin() as session:
        # The planner knows nothing of rows that were copied.
        session.execute(text("analyze"))
        revision = revision_of(session)
    return Restored(taken_at=backup.taken_at, revision=revision or "", newest=NEWEST)


def _check_new(file: Path) -> None:
    if not file.parent.is_dir():
        raise CommandError(f"FILE: there is no folder {file.parent}", Exit.USAGE)
    for path in (file, _description(file)):
        if path.exists():
            raise CommandError(f"FILE: {path} is there already, and is not overwritten", Exit.USAGE)


def _read(file: Path) -> Backup:
    """What is said about FILE, if FILE is what is said."""
    described = _description(file)
    for path in (file, described):
        if not path.is_file():
            raise CommandError(f"FILE: there is no file {path}", Exit.USAGE)
    try:
        backup = Backup.model_validate_json(described.read_bytes())
    except ValidationError:
        raise CommandError(f"FILE: {described} does not describe a backup", Exit.USAGE) from None
    if _sha256(file) != backup.sha256:
        raise CommandError(f"FILE: {file} is damaged: its checksum is not the one in {described}", Exit.REFUSED)
    return backup


def _check_revision(backup: Backup) -> None:
    try:
        ScriptDirectory.from_config(alembic_config("")).get_revision(backup.revision)
    except UnknownRevision:
        said = f"FILE: its schema {backup.revision} is unknown here: restore it with the release that made it"
        raise CommandError(said, Exit.REFUSED) from None


def _check_target(session: Session, backup: Backup) -> None:
    major = _major_of(session)
    if major < backup.postgresql:
        said = f"--into: a backup of PostgreSQL {backup.postgresql} does not fit PostgreSQL {major}, which is older"
        raise CommandError(said, Exit.REFUSED)
    if relations := session.scalar(_RELATIONS):
        said = f"--into: the database is not empty, it has {relations} tables and other relations: create a new one"
        raise CommandError(said, Exit.REFUSED)


def _major_of(session: Session) -> int:
    return session.scalars(_MAJOR).one()


@contextmanager
def _errors_in_one_line() -> Generator[None]:
    """A missing program, a failed one and a full disk end the command."""
    try:
        yield
    except LocalServiceError as error:
        raise CommandError(" ".join(str(error).split()), Exit.REFUSED) from None
    except OSError as error:
        raise CommandError(f"FILE: {error.filename}: {error.strerror}", Exit.REFUSED) from None


@contextmanager
def _partial(file: Path) -> Generator[Path]:
    """A file that only its owner may read, to be renamed when complete; removed otherwise, FILE.json too."""
    partial = file.with_name(f"{file.name}.partial")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    try:
        yield partial
    finally:
        partial.unlink(missing_ok=True)
        if not file.exists():
            _description(file).unlink(missing_ok=True)


def _description(file: Path) -> Path:
    return file.with_name(f"{file.name}.json")


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
