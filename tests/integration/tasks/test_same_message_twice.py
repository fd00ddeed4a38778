"""Every handler has the same effects when its message comes twice: in one batch, or in two at the same time."""

import threading
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from core.jobs.batch import Batch
from core.jobs.enqueue import enqueue
from core.messages import MESSAGES
from core.ports.mail import Email
from core.settings import settings
from core.wiring.handlers import EVENT_HANDLERS
from db.engine import make_jobs_engine
from db.statements import Statements
from tasks import runtime
from tests.support.fake_rooms import FakeRooms
from tests.support.job_runner import tasks_by_kind
from tests.support.jobs import claim_due, empty, value
from tests.support.message_causes import CAUSES, Scene
from tests.support.waiting import wait_until
from tests.support.webhook_harness import WebhookHarness

TASKS = tasks_by_kind()
# Rows that a handler makes or changes, each table by what tells its rows apart.
EFFECTS = text("""
select 'enrollment ' || state as effect, count(*) as rows from app.enrollments group by 1
union all
select 'email ' || template || ' ' || state, count(*) from app.mail_messages group by 1
union all
select 'audit ' || tag || case when seq is null then '' else ' sealed' end, count(*) from app.audit_events group by 1
union all
select 'job ' || kind || ' ' || state, count(*) from app.jobs where not id = any (:own) group by 1
union all
select 'order ' || state, count(*) from app.orders group by 1
union all
select 'payment ' || state, count(*) from app.payments group by 1
union all
select 'refund ' || state, count(*) from app.refunds group by 1
union all
select 'dispute ' || state, count(*) from app.disputes group by 1
union all
select 'finding ' || kind || coalesce(' ' || resolution, '') || case when reported_at is null then '' else ' told' end,
       count(*)
from app.findings group by 1
union all
select 'event ' || type || ' ' || state, count(*) from app.webhook_events group by 1
union all
select 'checkout ' || case when closed_at is null then 'open' else 'closed' end, count(*) from app.checkouts group by 1
union all
select 'gift' || case when granted_at is null then '' else ' granted' end, count(*) from app.gifts group by 1
union all
select 'entry of the books', count(*) from app.book_entries
union all
select 'reading of ' || name || case when until is null then ' ended' else ' goes on' end, count(*)
from app.provider_cursors group by 1
union all
select 'redacted event', count(*) from app.webhook_events where body like '%aula_redacted%'
union all
select 'replay ' || state || ', step ' || step, count(*) from app.replays group by 1
union all
select 'archive', count(archive) from app.exports
union all
select 'seminar ' || state || case when closed_at is null then '' else ', over' end, count(*)
from app.seminars group by 1
union all
select 'stay' || case when left_at is null then '' else ' that is over' end, count(*) from app.attendance group by 1
union all
select 'booked service', count(*) from app.order_items where fulfilled_at is not null
""")
# Rows that two handlers would change at the same time.
HELD = (
    "orders",
    "webhook_events",
    "mail_messages",
    "enrollments",
    "checkouts",
    "refunds",
    "gifts",
    "replays",
    "exports",
    "provider_cursors",
)
# These leave out rows that are locked, and look again later.
SKIP_LOCKED = {"orders.expire", "payments.reconcile", "findings.report"}


@dataclass(slots=True)
class Outbox:
    """Takes every email; repeats of one Message-ID are one email."""

    message_ids: set[str] = field(default_factory=set[str])

    def send(self, email: Email) -> None:
        self.message_ids.add(email.message_id)


@pytest.fixture
def worker(in_process: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Workers in threads: each has a connection of its own."""
    in_process.setenv("AULA_OPERATOR_EMAIL", "operator@aula.example")
    settings.cache_clear()
    engine = make_jobs_engine(settings().database_url, 2)
    own = threading.local()

    def statements() -> Statements:
        if not hasattr(own, "statements"):
            own.statements = Statements(engine)
        return own.statements

    in_process.setattr(runtime, "statements", statements)
    yield in_process
    engine.dispose()


def run(batch: Batch) -> None:
    try:
        TASKS[batch.kind](batch.to_wire())
    finally:
        if not MESSAGES[batch.kind].external_call:
            runtime.statements().close()


def run_together(sessions: sessionmaker[Session], batches: Sequence[Batch], held: Sequence[str]) -> None:
    """Run the batches in threads; all wait for the same rows before the first can end."""
    with ThreadPoolExecutor(len(batches)) as pool:
        with holding(sessions, held):
            running = [pool.submit(run, batch) for batch in batches]
            waiting = (
                "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
            )
            wait_until(
                lambda: int(str(value(sessions, waiting))) + sum(one.done() for one in running) >= len(batches),
                "each batch waits for a row, or has ended",
            )
        for one in running:
            one.result()


@contextmanager
def holding(sessions: sessionmaker[Session], tables: Sequence[str]) -> Generator[None]:
    """Lock every row of these tables until the block ends."""
    with sessions.begin() as session:
        for table in tables:
            session.execute(text(f"select from app.{table} for update"))
        yield


def effects_of(
    sessions: sessionmaker[Session], worker: pytest.MonkeyPatch, name: str, batches_of: Sequence[int]
) -> Mapping[str, int]:
    """What the message of a cause changes when it comes in batches of these sizes, which run at the same time."""
    empty(sessions)
    scene, outbox = Scene(WebhookHarness(sessions)), Outbox()
    worker.setattr(runtime, "payments", lambda: scene.gateway)
    worker.setattr(runtime, "books", lambda: scene.books)
    worker.setattr(runtime, "mailer", lambda: outbox)
    rooms = FakeRooms()
    worker.setattr(runtime, "rooms", lambda: rooms)
    message = CAUSES[name](scene)
    # All have begun before the first can end: a second reading of the books would be another one.
    scene.books.before_answer = threading.Barrier(sum(batches_of), timeout=10).wait
    before = counted(sessions, [])
    with sessions.begin() as session:
        # Kinds that run one at a time would not meet.
        session.execute(text("update app.job_kinds set max_running = null"))
        own = enqueue(session, *[message] * sum(batches_of))
    size = max(batches_of)
    run_together(sessions, claim_due(sessions, size), () if message.kind in SKIP_LOCKED else HELD)
    finished = text("select count(*) from app.jobs where id = any (:own) and state = 'succeeded'")
    with sessions() as session:
        assert session.scalar(finished, {"own": own}) == len(own)
    changed = counted(sessions, own)
    told = {"email at the mail server": -len(outbox.message_ids), "call of the rooms": -len(set(rooms.calls))}
    changed.subtract({**before, **told})
    return {effect: rows for effect, rows in changed.items() if rows}


def counted(sessions: sessionmaker[Session], own: Sequence[UUID]) -> Counter[str]:
    with sessions() as session:
        return Counter({row.effect: row.rows for row in session.execute(EFFECTS, {"own": list(own)})})


def test_every_message_has_a_cause() -> None:
    assert {name.partition(" ")[0] for name in CAUSES} == set(MESSAGES)
    events = {name.partition(" ")[2] for name in CAUSES if name.startswith("webhooks.process")}
    assert set(EVENT_HANDLERS) <= events


@pytest.mark.parametrize("name", CAUSES)
def test_a_message_that_comes_twice_has_the_effects_of_one(
    sessions: sessionmaker[Session], worker: pytest.MonkeyPatch, name: str
) -> None:
    alone = effects_of(sessions, worker, name, [1])
    assert alone, "the message changes nothing"
    assert effects_of(sessions, worker, name, [2]) == alone
    assert effects_of(sessions, worker, name, [1, 1]) == alone
