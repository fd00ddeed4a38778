"""The relay step by step, with a broker that is stopped, wiped and started again."""

from base64 import b64decode
from collections.abc import Generator
from dataclasses import dataclass, field
from uuid import UUID

import orjson
import psycopg
import pytest
import redis
from sqlalchemy.orm import Session, sessionmaker
from structlog.testing import capture_logs

from core.jobs.enqueue import NewJob, enqueue
from core.jobs.rescue import DeadJobHandlers, Rescued, rescue
from core.messages import CheckInvariants, FulfilOrder, GrantEnrollment, SealAudit
from core.settings import Settings
from scripts.local.processes import Processes
from scripts.local.services import LocalServices
from scripts.local.valkey import Valkey
from tests.support.jobs import do, jobs, states, value
from tests.support.waiting import wait_until
from workers.app import make_app
from workers.listener import Listener
from workers.publisher import BrokerUnavailable, Publisher
from workers.relay import Relay

NO_ID = UUID(int=0)
PROCESSES = 2


@dataclass(slots=True)
class RelayHarness:
    """A relay with a clock that the test moves, and its broker."""

    relay: Relay
    listener: Listener
    valkey: Valkey
    clock: list[float] = field(default_factory=lambda: [1000.0])

    def step(self, seconds: float = 0.0) -> None:
        """Move the clock, and step until jobs that the chores find are dispatched too."""
        self.clock[0] += seconds
        for _ in range(4):
            self.relay.step(self.listener)

    def queued(self, queue: str) -> list[int]:
        """The number of jobs in each message of a queue."""
        with redis.from_url(self.valkey.url()) as client:
            raw: list[bytes] = client.lrange(queue, 0, -1)  # pyright: ignore[reportUnknownMemberType, reportAssignmentType] - redis-py's own
        bodies = [orjson.loads(b64decode(orjson.loads(one)["body"])) for one in raw]
        return sorted(len(body[0][0]["jobs"]) for body in bodies)

    def wipe(self) -> None:
        with redis.from_url(self.valkey.url()) as client:
            client.flushall()  # pyright: ignore[reportUnknownMemberType] - redis-py's own


@pytest.fixture(scope="module")
def broker(services: LocalServices) -> Generator[Valkey]:
    """A Valkey for this module alone, since tests stop it."""
    with Processes(services.folder / "logs" / "relay") as processes:
        valkey = Valkey(processes, services.folder / "valkey-relay")
        valkey.start()
        yield valkey
        valkey.stop()


@pytest.fixture
def harness(
    broker: Valkey, database_url: str, sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> Generator[RelayHarness]:
    config = Settings(env="test", database_url=database_url, redis_url=broker.url(), worker_processes=PROCESSES)
    monkeypatch.setattr("workers.app.settings", lambda: config)
    publisher, clock = Publisher(make_app()), [1000.0]
    listener = Listener(database_url)
    harness = RelayHarness(Relay(config, sessions.kw["bind"], publisher, lambda: clock[0]), listener, broker, clock)
    harness.wipe()
    # Sets the mark while nothing is in flight.
    publisher.was_wiped()
    yield harness
    listener.close()
    harness.relay.close()


def add(sessions: sessionmaker[Session], *wanted: NewJob | FulfilOrder | SealAudit | GrantEnrollment) -> None:
    with sessions.begin() as session:
        enqueue(session, *wanted)


def orders(count: int) -> list[FulfilOrder]:
    return [FulfilOrder(order_id=NO_ID) for _ in range(count)]


def test_a_job_is_dispatched_on_its_notification(harness: RelayHarness, sessions: sessionmaker[Session]) -> None:
    harness.step()
    add(sessions, *orders(5))
    harness.step()
    assert harness.queued("orders") == [5]
    assert states(sessions) == ["dispatched"] * 5


def test_the_poll_finds_a_job_without_a_notification(harness: RelayHarness, sessions: sessionmaker[Session]) -> None:
    harness.step()
    do(sessions, "alter table app.jobs disable trigger jobs_notify")
    try:
        add(sessions, *orders(2))
        harness.step()
        assert harness.queued("orders") == []
        harness.step(1.0)
    finally:
        do(sessions, "alter table app.jobs enable trigger jobs_notify")
    assert harness.queued("orders") == [2]


def test_a_backlog_is_sent_in_one_batch_more_than_workers_can_run(
    harness: RelayHarness, sessions: sessionmaker[Session]
) -> None:
    add(sessions, *orders(2000))
    harness.step(5.0)
    sent = harness.queued("orders")
    assert sent == [500] * (PROCESSES + 1)
    harness.step(1.0)
    assert harness.queued("orders") == sent


def test_a_resumed_kind_is_dispatched_at_the_next_poll(harness: RelayHarness, sessions: sessionmaker[Session]) -> None:
    do(sessions, "update app.job_kinds set paused_at = now(), pause_reason = 'x' where kind = 'orders.fulfil'")
    try:
        harness.step(1.0)
        add(sessions, *orders(2))
        harness.step()
        assert harness.queued("orders") == []
    finally:
        do(sessions, "update app.job_kinds set paused_at = null, pause_reason = null")
    harness.step(1.0)
    assert harness.queued("orders") == [2]


@pytest.mark.parametrize("payload", ["", "malformed", "a b c", "orders.fulfil x"])
def test_a_malformed_notification_is_ignored(
    harness: RelayHarness, sessions: sessionmaker[Session], payload: str
) -> None:
    harness.step()
    for channel in ("aula_jobs", "aula_done"):
        do(sessions, "select pg_notify(:channel, :payload)", channel=channel, payload=payload)
    harness.step()
    add(sessions, *orders(1))
    harness.step()
    assert harness.queued("orders") == [1]


def test_jobs_of_a_kind_limited_to_one_are_sent_one_after_the_other(
    harness: RelayHarness, sessions: sessionmaker[Session]
) -> None:
    add(sessions, *(SealAudit() for _ in range(3)))
    harness.step(1.0)
    harness.step(1.0)
    assert harness.queued("audit") == [1]
    do(
        sessions,
        """
        update app.jobs set state = 'succeeded', finished_at = now(), lease_until = null where state = 'dispatched'
        """,
    )
    harness.step(1.0)
    assert harness.queued("audit") == [1, 1]


def test_no_attempt_is_counted_while_the_broker_is_down(harness: RelayHarness, sessions: sessionmaker[Session]) -> None:
    harness.step(1.0)
    harness.valkey.stop()
    try:
        add(sessions, *orders(150), *(GrantEnrollment(order_item_id=NO_ID),) * 3)
        for _ in range(3):
            harness.step(1.0)
        assert {(one.state, one.attempts, one.isolated) for one in jobs(sessions)} == {("pending", 0, False)}
        assert value(sessions, "select count(*) from app.job_attempts") == 0
    finally:
        harness.valkey.start()
    harness.step(1.0)
    harness.step(3.0)
    assert sum(harness.queued("orders")) == 150
    assert harness.queued("enrollments") == [3]
    assert {one.attempts for one in jobs(sessions)} == {0}


def test_jobs_that_the_broker_may_not_have_taken_are_released(
    harness: RelayHarness, sessions: sessionmaker[Session]
) -> None:
    harness.step(1.0)
    harness.valkey.stop()
    try:
        add(sessions, *orders(5), GrantEnrollment(order_item_id=NO_ID))
        harness.step()
        assert {(one.state, one.lease_version, one.attempts) for one in jobs(sessions)} == {("pending", 1, 0)}
    finally:
        harness.valkey.start()
    harness.step(1.0)
    harness.step(3.0)
    assert (sum(harness.queued("orders")), harness.queued("enrollments")) == (5, [1])


def test_after_a_wipe_of_the_broker_all_jobs_are_sent_again(
    harness: RelayHarness, sessions: sessionmaker[Session]
) -> None:
    add(sessions, *orders(8))
    harness.step(1.0)
    assert harness.queued("orders") == [8]
    harness.wipe()
    harness.step(1.0)
    harness.step(3.0)
    assert harness.queued("orders") == [8]
    assert {(one.state, one.lease_version, one.attempts) for one in jobs(sessions)} == {("dispatched", 2, 0)}


def test_a_backlog_of_isolated_jobs_takes_one_place_beside_the_others(
    harness: RelayHarness, sessions: sessionmaker[Session]
) -> None:
    add(sessions, *orders(200))
    do(sessions, "update app.jobs set isolated = true, batch_limit = 64")
    add(sessions, *orders(2000))
    harness.step(5.0)
    assert harness.queued("orders") == [64] + [500] * (PROCESSES + 1)
    assert value(sessions, "select count(*) from app.jobs where isolated and state = 'pending'") == 136


def test_jobs_whose_lease_ran_out_are_sent_again_isolated(
    harness: RelayHarness, sessions: sessionmaker[Session]
) -> None:
    add(sessions, *orders(3))
    harness.step(1.0)
    do(sessions, "update app.jobs set lease_until = now() - interval '1 second'")
    harness.step(60.0)
    harness.step(3.0)
    assert harness.queued("orders") == [3, 3]


def test_a_rescue_that_takes_long_runs_less_often(harness: RelayHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    ran_at: list[float] = []

    def slow(session: Session, handlers: DeadJobHandlers) -> Rescued:
        ran_at.append(harness.clock[0])
        harness.clock[0] += 0.5
        return rescue(session, handlers)

    monkeypatch.setattr("workers.chores.rescue_leases.rescue", slow)
    harness.step()
    first = ran_at[0]
    for _ in range(12):
        harness.step(1.0)
    assert [round(at - first, 1) for at in ran_at] == [0.0, 10.5]


def test_the_relay_dispatches_while_a_chore_fails(harness: RelayHarness, sessions: sessionmaker[Session]) -> None:
    harness.step(1.0)
    do(sessions, "alter table app.schedules rename to hidden_schedules")
    try:
        add(sessions, *orders(2), SealAudit())
        with capture_logs() as logs:
            harness.step(10.0)
    finally:
        do(sessions, "alter table app.hidden_schedules rename to schedules")
    assert [line["chore"] for line in logs if line["event"] == "relay: chore failed"] == ["tick schedules"]
    assert (harness.queued("orders"), harness.queued("audit")) == ([2], [1])


def test_the_relay_ticks_while_no_beat_runs(harness: RelayHarness, sessions: sessionmaker[Session]) -> None:
    do(sessions, "update app.schedules set next_due_at = now() where name = 'maintenance-check'")
    harness.step(1.0)
    assert jobs(sessions) == []
    harness.step(10.0)
    harness.step(1.0)
    assert [one.kind for one in jobs(sessions)] == [CheckInvariants.kind]
    assert harness.queued("maintenance") == [1]


@pytest.mark.parametrize(
    ("error", "event"),
    [
        (KeyError("a bug"), "relay: error"),
        (psycopg.errors.ReadOnlySqlTransaction("cannot execute UPDATE"), "relay: database error"),
        (psycopg.OperationalError("gone"), "relay: database error"),
        (BrokerUnavailable("gone"), "relay: error"),
    ],
)
def test_no_error_ends_the_relay(
    harness: RelayHarness, monkeypatch: pytest.MonkeyPatch, error: Exception, event: str
) -> None:
    steps: list[Listener] = []

    def step(_self: Relay, listener: Listener) -> None:
        steps.append(listener)
        if len(steps) == 1:
            raise error
        harness.relay.stopping = True

    monkeypatch.setattr(Relay, "step", step)
    with capture_logs() as logs:
        harness.relay.run()
    assert [line["event"] for line in logs] == [event]
    # It has connected again.
    assert steps[0] is not steps[1]


def test_the_publisher_raises_while_the_broker_is_down_and_then_reconnects(harness: RelayHarness) -> None:
    publisher = harness.relay._publisher  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - its own connection
    assert not publisher.was_wiped()
    harness.valkey.stop()
    try:
        with pytest.raises(BrokerUnavailable):
            publisher.was_wiped()
    finally:
        harness.valkey.start()
    wait_until(lambda: not publisher.was_wiped(), "the publisher is connected again")
