"""The relay step by step, on a broker of its own that is stopped, wiped and started again."""

from base64 import b64decode
from collections.abc import Generator
from dataclasses import dataclass, field
from uuid import UUID

import orjson
import pytest
import redis
from sqlalchemy.orm import Session, sessionmaker

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

NOBODY = UUID(int=0)
PROCESSES = 2


@dataclass(slots=True)
class Bench:
    """A relay whose seconds pass by hand, and the broker that it speaks to."""

    relay: Relay
    listener: Listener
    valkey: Valkey
    clock: list[float] = field(default_factory=lambda: [1000.0])

    def step(self, seconds: float = 0.0) -> None:
        """Let time pass, and step until what the housekeeping finds is dispatched too."""
        self.clock[0] += seconds
        for _ in range(4):
            self.relay.step(self.listener)

    def queued(self, queue: str) -> list[int]:
        """How many jobs each message in a queue carries."""
        with redis.from_url(self.valkey.url()) as client:
            raw: list[bytes] = client.lrange(queue, 0, -1)  # pyright: ignore[reportUnknownMemberType, reportAssignmentType] - redis-py's own
        bodies = [orjson.loads(b64decode(orjson.loads(one)["body"])) for one in raw]
        return sorted(len(body[0][0]["jobs"]) for body in bodies)

    def wipe(self) -> None:
        with redis.from_url(self.valkey.url()) as client:
            client.flushall()  # pyright: ignore[reportUnknownMemberType] - redis-py's own


@pytest.fixture(scope="module")
def broker(services: LocalServices) -> Generator[Valkey]:
    """A Valkey of the module's own: it will be stopped."""
    with Processes(services.folder / "logs" / "relay") as processes:
        valkey = Valkey(processes, services.folder / "valkey-relay")
        valkey.start()
        yield valkey
        valkey.stop()


@pytest.fixture
def bench(
    broker: Valkey, database_url: str, sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> Generator[Bench]:
    config = Settings(env="test", database_url=database_url, redis_url=broker.url(), worker_processes=PROCESSES)
    monkeypatch.setattr("workers.app.settings", lambda: config)
    publisher, clock = Publisher(make_app()), [1000.0]
    listener = Listener(database_url)
    bench = Bench(Relay(config, sessions.kw["bind"], publisher, lambda: clock[0]), listener, broker, clock)
    bench.wipe()
    # The mark is set while nothing is in flight.
    publisher.was_wiped()
    yield bench
    listener.close()
    bench.relay.close()


def add(sessions: sessionmaker[Session], *wanted: NewJob | FulfilOrder | SealAudit | GrantEnrollment) -> None:
    with sessions.begin() as session:
        enqueue(session, *wanted)


def orders(count: int) -> list[FulfilOrder]:
    return [FulfilOrder(order_id=NOBODY) for _ in range(count)]


def test_a_notice_is_enough_to_dispatch(bench: Bench, sessions: sessionmaker[Session]) -> None:
    bench.step()
    add(sessions, *orders(5))
    bench.step()
    assert bench.queued("orders") == [5]
    assert states(sessions) == ["dispatched"] * 5


def test_the_poll_finds_what_no_notice_told(bench: Bench, sessions: sessionmaker[Session]) -> None:
    bench.step()
    do(sessions, "alter table app.jobs disable trigger jobs_notify")
    try:
        add(sessions, *orders(2))
        bench.step()
        assert bench.queued("orders") == []
        bench.step(1.0)
    finally:
        do(sessions, "alter table app.jobs enable trigger jobs_notify")
    assert bench.queued("orders") == [2]


def test_a_backlog_travels_in_one_batch_more_than_can_run(bench: Bench, sessions: sessionmaker[Session]) -> None:
    add(sessions, *orders(1000))
    bench.step(5.0)
    sent = bench.queued("orders")
    assert len(sent) == PROCESSES + 1
    assert max(sent) <= 500
    bench.step(1.0)
    assert bench.queued("orders") == sent


def test_a_kind_that_was_paused_goes_on_with_the_next_poll(bench: Bench, sessions: sessionmaker[Session]) -> None:
    do(sessions, "update app.job_kinds set paused_at = now(), pause_reason = 'x' where kind = 'orders.fulfil'")
    try:
        bench.step(1.0)
        add(sessions, *orders(2))
        bench.step()
        assert bench.queued("orders") == []
    finally:
        do(sessions, "update app.job_kinds set paused_at = null, pause_reason = null")
    bench.step(1.0)
    assert bench.queued("orders") == [2]


@pytest.mark.parametrize("notice", ["", "garbled", "a b c", "orders.fulfil x"])
def test_a_notice_nobody_understands_ends_nothing(bench: Bench, sessions: sessionmaker[Session], notice: str) -> None:
    bench.step()
    for channel in ("aula_jobs", "aula_done"):
        do(sessions, "select pg_notify(:channel, :notice)", channel=channel, notice=notice)
    bench.step()
    add(sessions, *orders(1))
    bench.step()
    assert bench.queued("orders") == [1]


def test_limited_kinds_go_one_at_a_time(bench: Bench, sessions: sessionmaker[Session]) -> None:
    add(sessions, *(SealAudit() for _ in range(3)))
    bench.step(1.0)
    bench.step(1.0)
    assert bench.queued("audit") == [1]
    do(
        sessions,
        """
        update app.jobs set state = 'succeeded', finished_at = now(), lease_until = null where state = 'dispatched'
        """,
    )
    bench.step(1.0)
    assert bench.queued("audit") == [1, 1]


def test_a_broker_that_is_down_costs_nobody_anything(bench: Bench, sessions: sessionmaker[Session]) -> None:
    bench.step(1.0)
    bench.valkey.stop()
    try:
        add(sessions, *orders(150), *(GrantEnrollment(order_item_id=NOBODY, profile_id=NOBODY, course_id=NOBODY),) * 3)
        for _ in range(3):
            bench.step(1.0)
        assert {(one.state, one.attempts, one.isolated) for one in jobs(sessions)} == {("pending", 0, False)}
        assert value(sessions, "select count(*) from app.job_attempts") == 0
    finally:
        bench.valkey.start()
    bench.step(1.0)
    bench.step(3.0)
    assert sum(bench.queued("orders")) == 150
    assert bench.queued("enrollments") == [3]
    assert {one.attempts for one in jobs(sessions)} == {0}


def test_all_that_a_lost_broker_may_not_have_taken_is_given_back(bench: Bench, sessions: sessionmaker[Session]) -> None:
    bench.step(1.0)
    bench.valkey.stop()
    try:
        add(sessions, *orders(5), GrantEnrollment(order_item_id=NOBODY, profile_id=NOBODY, course_id=NOBODY))
        bench.step()
        assert {(one.state, one.lease_version, one.attempts) for one in jobs(sessions)} == {("pending", 1, 0)}
    finally:
        bench.valkey.start()
    bench.step(1.0)
    bench.step(3.0)
    assert (sum(bench.queued("orders")), bench.queued("enrollments")) == (5, [1])


def test_a_wiped_broker_is_noticed_and_all_is_sent_again(bench: Bench, sessions: sessionmaker[Session]) -> None:
    add(sessions, *orders(8))
    bench.step(1.0)
    assert bench.queued("orders") == [8]
    bench.wipe()
    bench.step(1.0)
    bench.step(3.0)
    assert bench.queued("orders") == [8]
    assert {(one.state, one.lease_version, one.attempts) for one in jobs(sessions)} == {("dispatched", 2, 0)}


def test_a_lease_that_ran_out_is_sent_again_alone(bench: Bench, sessions: sessionmaker[Session]) -> None:
    add(sessions, *orders(3))
    bench.step(1.0)
    do(sessions, "update app.jobs set lease_until = now() - interval '1 second'")
    bench.step(60.0)
    bench.step(3.0)
    assert bench.queued("orders") == [1, 1, 1, 3]


def test_what_takes_long_comes_more_rarely(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []

    def slow(session: Session, handlers: DeadJobHandlers) -> Rescued:
        asked.append(bench.clock[0])
        bench.clock[0] += 0.5
        return rescue(session, handlers)

    monkeypatch.setattr("workers.chores.rescue_leases.rescue", slow)
    bench.step()
    first = asked[0]
    for _ in range(12):
        bench.step(1.0)
    assert [round(at - first, 1) for at in asked] == [0.0, 10.5]


def test_the_relay_ticks_while_no_beat_runs(bench: Bench, sessions: sessionmaker[Session]) -> None:
    do(sessions, "update app.schedules set next_due_at = now() where name = 'maintenance-check'")
    bench.step(1.0)
    assert jobs(sessions) == []
    bench.step(10.0)
    bench.step(1.0)
    assert [one.kind for one in jobs(sessions)] == [CheckInvariants.kind]
    assert bench.queued("maintenance") == [1]


def test_the_publisher_says_that_the_broker_is_gone_and_finds_it_again(bench: Bench) -> None:
    publisher = bench.relay._publisher  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - its own connection
    assert not publisher.was_wiped()
    bench.valkey.stop()
    try:
        with pytest.raises(BrokerUnavailable):
            publisher.was_wiped()
    finally:
        bench.valkey.start()
    wait_until(lambda: not publisher.was_wiped(), "the broker is found again")
