"""Engines and sessions: every pool of every process is sized here.

Parameters stay out of errors: they hold e-mails and hashes, and errors end in logs.
"""

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session, sessionmaker

# Two API processes, eight worker children, two relays and one beat make
# 2 * (10 + 4) + 8 * (2 + 1) + 2 * 2 + 1 = 57 connections of PostgreSQL's usual 100.
API_POOL = 10
INTAKE_POOL = 4  # two of them write webhooks
WORKER_POOL = 2
STATEMENT_POOL = 1
RELAY_POOL = 2
BEAT_POOL = 1

# The ledger's statements name their rows by id. One generic plan for each keeps them on their indexes whatever
# the statistics say just after a bulk load, and saves planning a large statement for every batch. A plan made while a
# table was empty would read it whole, and be kept while the table grows: reading whole tables is left out.
# A killed worker's statement that waits for a lock is ended within a second, and its row locks with it.
_JOBS_OPTIONS = (
    "-c enable_seqscan=off -c jit=off -c plan_cache_mode=force_generic_plan -c client_connection_check_interval=1000"
)

# For what the ledger repeats: a commit that a crash of the database loses takes the job's effect, what followed from it
# and its completion together, and leaves the job as it was. So nobody waits for the disk to confirm it. Every commit
# that is durable makes durable what came before it, and whatever is told to the outside is told after such a one.
REPEATED = "-c synchronous_commit=off"


def make_engine(database_url: str, pool_size: int) -> Engine:
    """An engine with a pool of exactly `pool_size` connections, in READ COMMITTED."""
    return create_engine(database_url, pool_size=pool_size, max_overflow=0, pool_pre_ping=True, hide_parameters=True)


def make_jobs_engine(database_url: str, pool_size: int, options: str = "") -> Engine:
    """As `make_engine`, for the processes that run the ledger's prepared statements all day.

    `options` are further options of PostgreSQL's, as on its command line.
    It pings no connection before use: a lost one costs one retry, a ping costs a round trip for every batch.
    """
    return create_engine(
        database_url,
        pool_size=pool_size,
        max_overflow=0,
        hide_parameters=True,
        connect_args={"options": f"{_JOBS_OPTIONS} {options}", "prepare_threshold": 0},
    )


def make_sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions whose objects stay readable after the commit."""
    return sessionmaker(engine, expire_on_commit=False)
