"""`make db.migrate`: migrates the database of AULA_DATABASE_URL, else the one of `make run`, running or not."""

import os
import sys
from urllib.parse import urlsplit

from sqlalchemy.exc import OperationalError

from core.setting_variables import put_values_of_files
from core.settings import variable_names
from db.migrate import SchemaOfLaterRelease, migrate
from scripts.local.errors import LocalServiceError
from scripts.local.running import running_environment
from scripts.local.services import LocalServices


def main() -> int:
    """Migrate. Returns the exit code."""
    try:
        put_values_of_files(os.environ, variable_names().values())
        if named := os.environ.get("AULA_DATABASE_URL") or _running():
            _migrate(named)
        else:
            with LocalServices("run") as services:
                _migrate(services.database_url)
    except (LocalServiceError, OperationalError, SchemaOfLaterRelease, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _running() -> str | None:
    environment = running_environment()
    return environment["AULA_DATABASE_URL"] if environment else None


def _migrate(url: str) -> None:
    migrate(url)
    print(f"{_describe(url)} is at the newest revision")


def _describe(url: str) -> str:
    address = urlsplit(url)
    return f"{address.path.removeprefix('/')} on {address.hostname}:{address.port or 5432}"


if __name__ == "__main__":
    sys.exit(main())
