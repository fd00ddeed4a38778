"""Whether PostgreSQL is as the jobs need it."""

import time
from typing import Final

import psycopg
from sqlalchemy.exc import DBAPIError

from db.engine import make_engine, make_sessions
from db.revision import NEWEST, revision_of
from scripts.aula.doctor.checks import Check, Checks, fault, ok, warning
from scripts.database_url import without_driver

OLDEST_VERSION: Final = 15
# Seconds. Times of events are the provider's and the host's, those of jobs the database's.
CLOCK_WARNING: Final = 1.0
CLOCK_FAULT: Final = 30.0
_CONNECT_SECONDS: Final = 5
_VERSION_UNIT: Final = 10_000
# What each setting must not be off for.
_DURABLE: Final = {
    "fsync": "a power cut can destroy the whole database",
    "full_page_writes": "a power cut can destroy pages of the database",
    "synchronous_commit": "a webhook is answered before it is on the disk, so a crash can lose it",
}


def check_database(url: str) -> Checks:
    """The server, its durability, what is between, and the schema."""
    address = without_driver(url)
    try:
        with psycopg.connect(address, autocommit=True, connect_timeout=_CONNECT_SECONDS) as connection:
            yield from _check_server(connection)
            yield from _check_durability(connection)
            yield _check_clock(connection)
            yield from _check_pooler(connection, address)
    except psycopg.ProgrammingError:
        # Its text quotes the address, password included.
        said = "AULA_DATABASE_URL is no address"
        yield fault("database", "reachable", said, "Set it as postgresql://user:password@host:5432/database.")
        return
    except psycopg.Error as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        yield fault("database", "reachable", reason, "Start PostgreSQL, or mend AULA_DATABASE_URL.")
        return
    yield _check_schema(url)


def _check_server(connection: psycopg.Connection) -> Checks:
    version = connection.info.server_version // _VERSION_UNIT
    if version < OLDEST_VERSION:
        yield fault("database", "version", f"PostgreSQL {version}", f"Aula needs PostgreSQL {OLDEST_VERSION} or newer.")
    else:
        yield ok("database", "version", f"PostgreSQL {version}")
    isolation = _setting(connection, "default_transaction_isolation")
    if isolation != "read committed":
        yield fault(
            "database",
            "isolation",
            f"transactions are {isolation}: statements for jobs fail when two run at once",
            "alter role … set default_transaction_isolation = 'read committed'; it may also be set for the database.",
        )
    else:
        yield ok("database", "isolation", isolation)
    zone = _setting(connection, "TimeZone")
    if zone not in {"UTC", "Etc/UTC", "GMT"}:
        yield warning(
            "database", "time zone", f"{zone}: psql and dumps show local times", "alter role … set timezone = 'UTC'"
        )
    else:
        yield ok("database", "time zone", zone)


def _check_durability(connection: psycopg.Connection) -> Checks:
    for name, loss in _DURABLE.items():
        value = _setting(connection, name)
        if value == "off":
            yield fault("database", name, f"off: {loss}", f"Set {name} = on in postgresql.conf, and for the role.")
        else:
            yield ok("database", name, value)


def _check_clock(connection: psycopg.Connection) -> Check:
    before = time.time()
    row = connection.execute("select extract(epoch from clock_timestamp())::float8").fetchone()
    after = time.time()
    difference = abs((row[0] if row else after) - (before + after) / 2) - (after - before) / 2
    return clock_check(max(difference, 0.0))


def clock_check(seconds: float) -> Check:
    """What it means that the clocks of this host and of the database differ by so many seconds."""
    said = f"the clocks of this host and of PostgreSQL differ by {seconds:.1f} s"
    if seconds < CLOCK_WARNING:
        return ok("database", "clock", said)
    level = fault if seconds > CLOCK_FAULT else warning
    return level("database", "clock", said, "Run a time service such as chrony on both hosts.")


def _check_pooler(connection: psycopg.Connection, address: str) -> Checks:
    """A pooler answers with a process id of its own, or refuses what the relay and the workers ask for.

    Raises psycopg.Error.
    """
    pooled = connection.info.backend_pid != _pid(connection)
    if not pooled:
        yield ok("database", "pooler", "connections go to PostgreSQL itself")
    elif _shares_connections(connection, address):
        yield fault(
            "database",
            "pooler",
            "a pooler gives each transaction another connection: the relay hears no notification, and prepared "
            "statements and settings of a session are lost",
            "Let relay, workers and API connect to PostgreSQL itself, or set the pooler to session mode.",
        )
    else:
        yield warning(
            "database",
            "pooler",
            "a pooler is between; each session has its own connection",
            "Keep it in session mode, and let `options` pass at the start of a connection.",
        )


def _shares_connections(first: psycopg.Connection, address: str) -> bool:
    """Whether a transaction of a second client gets the connection of the first, which is idle."""
    before = _pid(first)
    if _pid(first) != before:
        return True
    try:
        with psycopg.connect(address, connect_timeout=_CONNECT_SECONDS, options="-c jit=off") as second:
            if _pid(second) == before:
                return True
            return _pid(first) != before
    except psycopg.OperationalError:
        # It refuses the options that the relay and the workers send.
        return True


def _check_schema(url: str) -> Check:
    engine = make_engine(url, 1)
    try:
        with make_sessions(engine).begin() as session:
            current, newest = revision_of(session), NEWEST
    except DBAPIError as error:
        return fault("database", "schema", str(error.orig).splitlines()[0], "Let the role read the schema.")
    finally:
        engine.dispose()
    if current != newest:
        said = f"the schema is at {current or 'no revision'}, this release needs {newest}"
        return fault("database", "schema", said, "aula db migrate")
    return ok("database", "schema", f"at {newest}")


def _setting(connection: psycopg.Connection, name: str) -> str:
    row = connection.execute("select current_setting(%s)", [name]).fetchone()
    return str(row[0]) if row else ""


def _pid(connection: psycopg.Connection) -> int:
    row = connection.execute("select pg_backend_pid()").fetchone()
    return int(row[0]) if row else 0
