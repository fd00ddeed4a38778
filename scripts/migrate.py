"""`make db.migrate`: migrates the database of AULA_DATABASE_URL, else the one of `make run`."""

import sys
from urllib.parse import urlsplit

from sqlalchemy.exc import OperationalError

from db.migrate import migrate
from scripts.local.errors import LocalServiceError
from scripts.local.services import LocalServices


def main() -> int:
    """Migrate. Returns the exit code."""
    try:
        with LocalServices("run") as services:
            migrate(services.database_url)
            print(f"{_describe(services.database_url)} is at the newest revision")
    except (LocalServiceError, OperationalError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _describe(url: str) -> str:
    address = urlsplit(url)
    return f"{address.path.removeprefix('/')} on {address.hostname}:{address.port or 5432}"


if __name__ == "__main__":
    sys.exit(main())
