"""Engines and sessions: every pool of every process is sized here.

Parameters stay out of errors: they hold e-mails and hashes, and errors end in logs.
"""

from psycopg.errors import ReadOnlySqlTransaction
from sqlalchemy import Engine, ExceptionContext, create_engine, event
from sqlalchemy.orm import Session, sessionmaker

from db.limits import JOB_WAITS, NETWORK, SERVER_NETWORK

# Two API processes, eight worker children, two relays and one beat make
# 2 * (10 + 4 + 1 + 1) + 8 * (2 + 1) + 2 * 2 + 1 = 61 connections of PostgreSQL's usual 100.
API_POOL = 10
# Requests that keep a connection from one thread to the next. The connections beyond these serve the checks that take
# and return one in a single thread: so a thread that waits for a connection always gets one, and ends.
API_TRANSACTIONS = 8
INTAKE_POOL = 4  # two of them write webhooks
METRICS_POOL = 1
STREAMS_POOL = 1  # all event streams of a process
WORKER_POOL = 2
STATEMENT_POOL = 1
RELAY_POOL = 2
BEAT_POOL = 1

# Statements about jobs name their rows by id. One generic plan for each keeps them on their indexes, whatever the
# statistics say after a bulk load, and saves planning for every batch. A plan made while a table is empty would read it
# whole, also when it has grown: sequential scans are off, and a look into an index costs what it costs in memory.
# The statement of a killed worker that waits for a lock ends within a second, and its row locks with it.
_JOBS_OPTIONS = (
    "-c enable_seqscan=off -c random_page_cost=1 -c jit=off -c plan_cache_mode=force_generic_plan"
    " -c client_connection_check_interval=1000"
)

# For work that is repeated when its commit is lost: a crash of the database takes back the job's effect, the jobs it
# enqueued and its completion together, and the job runs again. So the commit does not wait for the disk. A later
# durable commit makes it durable too, and external calls are made only after such a commit.
REPEATED = "-c synchronous_commit=off"


# Whatever the server's defaults are: the locks and unique keys of this system are made for READ COMMITTED, and times
# are read in UTC.
SESSION_OPTIONS = f"-c default_transaction_isolation=read\\ committed -c timezone=UTC{SERVER_NETWORK}"


def make_engine(database_url: str, pool_size: int, options: str = "") -> Engine:
    """An engine with a pool of exactly `pool_size` connections, in READ COMMITTED.

    `options` are further options of PostgreSQL's, as on its command line; requests have `REQUEST_WAITS`.
    """
    engine = create_engine(
        database_url,
        pool_size=pool_size,
        max_overflow=0,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={**NETWORK, "options": f"{SESSION_OPTIONS} {options}"},
    )
    return _leaves_read_only(engine)


def make_jobs_engine(database_url: str, pool_size: int, options: str = "") -> Engine:
    """As `make_engine`, for the relay, workers and beat, which run prepared statements about jobs.

    `options` are further options of PostgreSQL's, as on its command line.
    It pings no connection before use: a lost one costs one retry, a ping costs a round trip for every batch.
    """
    engine = create_engine(
        database_url,
        pool_size=pool_size,
        max_overflow=0,
        hide_parameters=True,
        connect_args={
            **NETWORK,
            "options": f"{SESSION_OPTIONS} {JOB_WAITS} {_JOBS_OPTIONS} {options}",
            "prepare_threshold": 0,
        },
    )
    return _leaves_read_only(engine)


def _leaves_read_only(engine: Engine) -> Engine:
    """A server that has become read-only is left, like one that is gone: the next connection is to a writable one."""

    def on_error(context: ExceptionContext) -> None:
        if isinstance(context.original_exception, ReadOnlySqlTransaction):
            context.is_disconnect = True

    event.listen(engine, "handle_error", on_error)
    return engine


def make_sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions whose objects stay readable after the commit."""
    return sessionmaker(engine, expire_on_commit=False)


def make_snapshots(engine: Engine) -> sessionmaker[Session]:
    """Sessions that see one snapshot, and can write nothing."""
    return make_sessions(engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True))
