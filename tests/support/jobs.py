"""Reads jobs from the database, and claims them as a relay would."""

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from uuid import UUID, uuid4

import orjson
import psycopg
import pytest
from psycopg import sql
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from core.jobs.batch import Batch
from core.jobs.claim import Claimed, batches, claim
from core.jobs.dispatch import PRIORITIES, START, DispatchState, Lane, Request
from core.jobs.rescue import rescue
from core.jobs.schedules import install
from core.messages import MESSAGES
from core.wiring.handlers import DEAD_JOB_HANDLERS
from db.engine import make_jobs_engine, make_sessions
from db.models import Job
from db.statements import Statements
from tests.support.trials.messages import Trial

POOL = 8
_LAST = "test_last"


@contextmanager
def job_sessions(database_url: str) -> Generator[sessionmaker[Session]]:
    """Sessions on a database with kinds installed and no schedule due, so that only tests make jobs."""
    engine = make_jobs_engine(database_url, POOL)
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        prepare(session)
    yield sessions
    engine.dispose()


@contextmanager
def listen(sessions: sessionmaker[Session], *channels: str) -> Generator[Callable[[], list[tuple[str, str]]]]:
    """Each call returns the notifications of all commits since the last call, as (channel, payload)."""
    with sessions.kw["bind"].connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        driver: psycopg.Connection = connection.connection.driver_connection
        for channel in (*channels, _LAST):
            driver.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))

        def received() -> list[tuple[str, str]]:
            # Notifications arrive in the order of their commits: when this one is here, all earlier ones are too.
            driver.execute(f"notify {_LAST}")
            notifications: list[tuple[str, str]] = []
            for one in driver.notifies(timeout=20):
                if one.channel == _LAST:
                    return notifications
                notifications.append((one.channel, one.payload))
            pytest.fail("no notification came")

        yield received
        driver.execute("unlisten *")


def prepare(session: Session) -> None:
    """Install all kinds, the trial's too, without pauses and limits on keys; no schedule is due for a day."""
    install(session)
    kind = "insert into app.job_kinds (kind, queue) values (:kind, :queue) on conflict do nothing"
    session.execute(text(kind), {"kind": Trial.kind, "queue": Trial.queue})
    session.execute(text("update app.job_kinds set paused_at = null, pause_reason = null, max_per_key = null"))
    session.execute(text("update app.schedules set next_due_at = now() + interval '1 day'"))


def empty(sessions: sessionmaker[Session]) -> None:
    """Delete what tests made, except profiles and offers."""
    tables = (
        "jobs, webhook_events, mail_messages, audit_events, enrollments, gifts, payments, refunds, disputes, "
        "order_items, orders, findings, book_entries, provider_cursors, replays"
    )
    with sessions.begin() as session:
        session.execute(text("truncate " + ", ".join(f"app.{table}" for table in tables.split(", ")) + " cascade"))
        # Truncating seats fires no row trigger.
        session.execute(text("update app.seminars set seats_taken = 0"))
        prepare(session)


def all_lanes() -> list[Lane]:
    return [Lane(kind, priority) for kind in (*MESSAGES, Trial.kind) for priority in PRIORITIES]


def new_lanes(slots: int = 64) -> DispatchState:
    """The dispatch state of a relay that has just started."""
    lanes = DispatchState(slots, 200, 60)
    lanes.rescan(all_lanes())
    return lanes


def claim_all(
    sessions: sessionmaker[Session], lanes: DispatchState | None = None, *, size: int = 200, lease_seconds: int = 30
) -> list[Batch]:
    """Claim everything that is due; without `lanes`, as a relay that has just started."""
    state = lanes or new_lanes()
    claimed: list[Batch] = []
    while wanted := state.requests(0.0):
        with statements(sessions) as one_by_one:
            claimed += claim(one_by_one, state, wanted, lease_seconds=lease_seconds, batch_size=size, new_id=uuid4)
    return claimed


def claim_due(sessions: sessionmaker[Session], size: int = 500) -> list[Batch]:
    """Claim everything that is due in as few batches as can be, whatever is in flight."""
    lanes = [Request(lane, START, 100_000).row() for lane in all_lanes()]
    with statements(sessions) as one:
        rows = one.run("jobs/claim", {"lanes": orjson.dumps(lanes).decode(), "lease": 30})
    return batches([Claimed(*row) for row in rows], size, uuid4)


def lose_leases(sessions: sessionmaker[Session], batches: Iterable[Batch]) -> None:
    """The workers that run these batches died: their leases run out, and their jobs are due again.

    The jobs form batches again. Run one by one, as in production, they would only take longer.
    """
    ids = [job_id for batch in batches for job_id in batch.job_ids]
    with sessions.begin() as session:
        late = "update app.jobs set lease_until = now() where id = any (:ids) and state = 'dispatched'"
        session.execute(text(late), {"ids": ids})
    with sessions.begin() as session:
        assert rescue(session, DEAD_JOB_HANDLERS, len(ids)).dead == 0
        session.execute(text("update app.jobs set isolated = false where id = any (:ids)"), {"ids": ids})


def statements(sessions: sessionmaker[Session]) -> Statements:
    """Runs statements on the same database; use it in a `with`."""
    return Statements(sessions.kw["bind"])


def job(sessions: sessionmaker[Session], job_id: UUID) -> Job:
    with sessions() as session:
        return session.get_one(Job, job_id)


def jobs(sessions: sessionmaker[Session], kind: str | None = None) -> Sequence[Job]:
    wanted = select(Job).order_by(Job.id)
    with sessions() as session:
        return session.scalars(wanted if kind is None else wanted.where(Job.kind == kind)).all()


def states(sessions: sessionmaker[Session], kind: str | None = None) -> list[str]:
    return [one.state for one in jobs(sessions, kind)]


def value(sessions: sessionmaker[Session], statement: str, **params: object) -> object:
    """The one value a query gives."""
    with sessions() as session:
        return session.scalar(text(statement), params)


def do(sessions: sessionmaker[Session], statement: str, **params: object) -> None:
    with sessions.begin() as session:
        session.execute(text(statement), params)
