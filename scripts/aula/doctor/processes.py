"""Whether relay, workers and beat run."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

import redis
from celery import Celery
from kombu.exceptions import OperationalError
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session

from core.console.schedules import schedules
from core.jobs.readiness import MAX_WAIT_SECONDS, measure_readiness
from db.engine import make_engine, make_sessions
from scripts.aula.doctor.checks import Check, Checks, fault, ok, warning

# Beat ticks each second; it may have just been restarted.
BEAT_LATE: Final = timedelta(seconds=30)
# Seconds that workers have to answer.
_PING_SECONDS: Final = 2.0


def check_processes(database_url: str, redis_url: str) -> Checks:
    """What each process leaves in the database, and which workers answer."""
    try:
        yield from _check_in_database(database_url)
    except (DBAPIError, ArgumentError, ImportError):
        yield fault("processes", "relay, beat", "the database cannot tell", "See the faults of the database.")
    yield _check_workers(redis_url)


def _check_in_database(url: str) -> Checks:
    engine = make_engine(url, 1)
    try:
        with make_sessions(engine).begin() as session:
            yield from _check_relay(session)
            yield _check_beat(session)
    finally:
        engine.dispose()


def _check_relay(session: Session) -> Checks:
    found = measure_readiness(session, datetime.now(UTC))
    if found.relay:
        yield ok("processes", "relay", "it listens")
    else:
        yield fault("processes", "relay", "none listens: no job is started", "Start python -m workers.relay.")
    wait = max(found.oldest_due_job or 0.0, found.oldest_unprocessed_event or 0.0)
    if wait <= MAX_WAIT_SECONDS:
        yield ok("processes", "backlog", f"the oldest due job or event has waited {wait:.0f} s")
    else:
        said = f"the oldest due job or event has waited {wait:.0f} s"
        yield fault("processes", "backlog", said, "aula kinds list shows which kind waits.")


def _check_beat(session: Session) -> Check:
    running = [one for one in schedules(session) if one.paused_at is None]
    if not running:
        said = "no schedule is there, or all are paused: nothing is enqueued by the clock"
        return fault("processes", "beat", said, "Start the relay and beat; see aula schedules list.")
    late = min(running, key=lambda one: one.next_due_at)
    behind = datetime.now(UTC) - late.next_due_at
    if behind <= BEAT_LATE:
        return ok("processes", "beat", f"{len(running)} schedules are in time")
    said = f"{late.name} is late by {behind.total_seconds():.0f} s: nothing is enqueued by the clock"
    return fault("processes", "beat", said, "Start celery --app workers.app beat.")


def _check_workers(redis_url: str) -> Check:
    options = {"socket_timeout": _PING_SECONDS, "socket_connect_timeout": _PING_SECONDS}
    # Kombu's KeyError is an address of another transport.
    app = Celery("aula", broker=redis_url, broker_transport_options=options, broker_connection_retry=False)
    try:
        control: Any = app.control
        answers = cast("list[dict[str, Any]]", control.ping(timeout=_PING_SECONDS))
    except (OperationalError, redis.RedisError, OSError, ValueError, KeyError):
        return warning("processes", "workers", "not known: the broker does not answer", "See the faults of the broker.")
    finally:
        app.close()
    names = sorted(name for answer in answers for name in answer)
    if not names:
        said = f"none answers within {_PING_SECONDS:.0f} s: jobs are not done"
        return fault("processes", "workers", said, "Start celery --app workers.app worker.")
    return ok("processes", "workers", ", ".join(names))
