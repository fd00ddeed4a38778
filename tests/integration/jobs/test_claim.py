"""Claims: two relays at once, watermarks, pauses and limits."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from core.jobs.batch import Batch
from core.jobs.claim import claim, claim_limited, paused_or_limited, release
from core.jobs.dispatch import DispatchState, Lane
from core.jobs.enqueue import HIGH, LOW, NewJob, enqueue
from core.jobs.work import complete, take
from core.messages import MESSAGES
from db.engine import make_jobs_engine
from db.models import Job as JobRow
from db.models import JobKind
from db.statements import Statements
from tests.support.jobs import claim_all, do, job, jobs, new_lanes, statements, states, value
from tests.support.trials.messages import Trial


def add(sessions: sessionmaker[Session], *wanted: NewJob | Trial) -> list[UUID]:
    with sessions.begin() as session:
        return list(enqueue(session, *wanted))


def limited(sessions: sessionmaker[Session], size: int = 200) -> list[Batch]:
    with sessions.begin() as session:
        return claim_limited(session, [Trial.kind], lease_seconds=30, batch_size=size, new_id=uuid4)


def at_once(call: Callable[[], list[Batch]], count: int) -> list[list[Batch]]:
    barrier = Barrier(count)

    def run(_: int) -> list[Batch]:
        barrier.wait(10)
        return call()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_a_claim_skips_rows_that_another_relay_has_locked(database_url: str, sessions: sessionmaker[Session]) -> None:
    ids = add(sessions, *(Trial(number=number) for number in range(10)))
    first, second = DispatchState(64, 200, 60), DispatchState(64, 200, 60)
    for lanes in (first, second):
        lanes.wake([Lane(Trial.kind, 1)])
    other_engine = make_jobs_engine(database_url, 1, "-c lock_timeout=2s")
    with sessions.begin() as one, Statements(other_engine) as other:
        locked = one.execute(
            select(JobRow.id).where(JobRow.kind == Trial.kind).order_by(JobRow.run_at).limit(4).with_for_update()
        ).scalars()
        locked_ids = set(locked)
        claimed = claim(other, second, second.requests(0.0), lease_seconds=30, batch_size=200, new_id=uuid4)
        assert {job_id for batch in claimed for job_id in batch.job_ids} == set(ids) - locked_ids
    assert {job_id for batch in claim_all(sessions, first) for job_id in batch.job_ids} == locked_ids
    other_engine.dispose()


def test_concurrent_relays_claim_each_job_once(sessions: sessionmaker[Session]) -> None:
    ids = add(sessions, *(Trial(number=number) for number in range(300)))
    concurrent = [batch for batches in at_once(lambda: claim_all(sessions, size=20), 4) for batch in batches]
    claimed = [job_id for batch in [*concurrent, *claim_all(sessions)] for job_id in batch.job_ids]
    assert Counter(claimed) == Counter(ids)


def test_a_claim_leases_jobs_and_raises_their_lease_version(sessions: sessionmaker[Session]) -> None:
    (one,) = add(sessions, Trial())
    (batch,) = claim_all(sessions, lease_seconds=40)
    row = job(sessions, one)
    assert (batch.lease_version, row.lease_version, row.state) == (1, 1, "dispatched")
    assert 30 < float(str(value(sessions, "select extract(epoch from lease_until - now()) from app.jobs"))) <= 40


def test_jobs_are_claimed_by_priority(sessions: sessionmaker[Session]) -> None:
    add(sessions, NewJob(message=Trial(), priority=LOW), Trial(), NewJob(message=Trial(), priority=HIGH))
    order = [job(sessions, batch.id).priority for batch in claim_all(sessions)]
    assert order == [0, 1, 2]


def test_claims_after_the_watermark_find_every_job_once(sessions: sessionmaker[Session]) -> None:
    lanes = new_lanes(slots=1)
    ids = add(sessions, *(Trial(number=number) for number in range(450)))
    got = [job_id for batch in claim_all(sessions, lanes) for job_id in batch.job_ids]
    assert Counter(got) == Counter(ids)


def test_a_commit_a_little_late_is_found_at_the_next_claim(sessions: sessionmaker[Session]) -> None:
    lanes = new_lanes()
    with sessions() as late:
        (early,) = enqueue(late, Trial(number=1))
        add(sessions, Trial(number=2))
        assert len(claim_all(sessions, lanes)) == 1
        late.commit()
    lanes.wake([Lane(Trial.kind, 1)])
    assert [batch.job_ids for batch in claim_all(sessions, lanes)] == [(early,)]


def test_a_commit_much_later_is_found_by_the_rescan(sessions: sessionmaker[Session]) -> None:
    lanes = new_lanes()
    lane = Lane(Trial.kind, 1)
    (early, _) = add(sessions, Trial(number=1), Trial(number=2))
    # As if its transaction had begun a minute ago: it was not there when the others were claimed.
    do(sessions, "update app.jobs set run_at = run_at + interval '1 hour' where id = :id", id=early)
    assert len(claim_all(sessions, lanes)) == 1
    do(sessions, "update app.jobs set run_at = run_at - interval '1 hour 1 minute' where id = :id", id=early)
    lanes.wake([lane])
    assert claim_all(sessions, lanes) == []
    lanes.rescan([lane])
    assert [batch.job_ids for batch in claim_all(sessions, lanes)] == [(early,)]


def test_an_unknown_kind_is_not_claimed(sessions: sessionmaker[Session]) -> None:
    do(sessions, "insert into app.jobs (kind) values ('tests.unknown')")
    lanes = new_lanes()
    lanes.wake([Lane("tests.unknown", 1)])
    assert claim_all(sessions, lanes) == []


def test_a_paused_kind_is_not_claimed(sessions: sessionmaker[Session]) -> None:
    add(sessions, Trial())
    do(sessions, "update app.job_kinds set paused_at = now(), pause_reason = 'x' where kind = :kind", kind=Trial.kind)
    assert claim_all(sessions) == []
    assert limited(sessions) == []
    do(sessions, "update app.job_kinds set paused_at = null, pause_reason = null")
    assert len(claim_all(sessions)) == 1


def excluded_kinds(sessions: sessionmaker[Session]) -> set[str]:
    with statements(sessions) as one:
        return set(paused_or_limited(one))


def test_paused_and_limited_kinds_are_reported(sessions: sessionmaker[Session]) -> None:
    before = excluded_kinds(sessions)
    assert Trial.kind not in before
    do(sessions, "update app.job_kinds set paused_at = now(), pause_reason = 'x' where kind = :kind", kind=Trial.kind)
    assert excluded_kinds(sessions) == {*before, Trial.kind}
    do(sessions, "update app.job_kinds set paused_at = null, pause_reason = null")
    for column in ("max_running", "max_per_key"):
        limit(sessions, column, 1)
        assert excluded_kinds(sessions) == {*before, Trial.kind}
        limit(sessions, column, None)
    assert excluded_kinds(sessions) == before


def limit(sessions: sessionmaker[Session], column: str, most: int | None) -> None:
    with sessions.begin() as session:
        session.execute(update(JobKind).where(JobKind.kind == Trial.kind).values({column: most}))


@pytest.fixture(autouse=True)
def unlimited(sessions: sessionmaker[Session]) -> None:
    limit(sessions, "max_running", None)


def test_no_more_run_than_max_running_allows(sessions: sessionmaker[Session]) -> None:
    limit(sessions, "max_running", 3)
    add(sessions, *(Trial(number=number) for number in range(10)))
    assert claim_all(sessions) == []
    (batch,) = limited(sessions)
    assert len(batch) == 3
    assert limited(sessions) == []
    with sessions.begin() as session:
        complete(session, batch.alone(batch.job_ids[0]), {batch.job_ids[0]: None})
    assert [len(one) for one in limited(sessions)] == [1]


def test_no_more_of_a_key_run_than_max_per_key_allows(sessions: sessionmaker[Session]) -> None:
    limit(sessions, "max_per_key", 2)
    keys = ["a"] * 4 + ["b"] + [None] * 3
    add(sessions, *(NewJob(message=Trial(), concurrency_key=key) for key in keys))
    assert sum(map(len, limited(sessions))) == 6
    running = value(sessions, "select count(*) from app.jobs where state = 'dispatched' and concurrency_key = 'a'")
    assert running == 2
    assert limited(sessions) == []


@pytest.mark.parametrize(("column", "most"), [("max_running", 5), ("max_per_key", 5)])
def test_limits_hold_with_concurrent_relays(sessions: sessionmaker[Session], column: str, most: int) -> None:
    limit(sessions, column, most)
    add(sessions, *(NewJob(message=Trial(number=number), concurrency_key="key") for number in range(100)))
    for _ in range(5):
        at_once(lambda: limited(sessions), 4)
        assert states(sessions).count("dispatched") <= most
    limited(sessions)
    assert states(sessions).count("dispatched") == most


def test_a_limited_kind_of_another_release_is_not_claimed(sessions: sessionmaker[Session]) -> None:
    limit(sessions, "max_running", 5)
    add(sessions, Trial())
    with sessions.begin() as session:
        assert claim_limited(session, MESSAGES, lease_seconds=30, batch_size=200, new_id=uuid4) == []
    assert states(sessions) == ["pending"]
    assert len(limited(sessions)) == 1


def test_only_one_relay_claims_limited_kinds_at_a_time(sessions: sessionmaker[Session]) -> None:
    limit(sessions, "max_running", 5)
    add(sessions, Trial())
    with sessions.begin() as one:
        assert len(claim_limited(one, [Trial.kind], lease_seconds=30, batch_size=200, new_id=uuid4)) == 1
        assert limited(sessions) == []


def test_a_released_batch_is_due_again_and_its_message_is_stale(
    sessions: sessionmaker[Session],
) -> None:
    ids = add(sessions, Trial(number=1), Trial(number=2))
    (batch,) = claim_all(sessions)
    with sessions.begin() as session:
        release(session, batch)
    assert {(one.state, one.attempts, one.isolated, one.lease_until) for one in jobs(sessions)} == {
        ("pending", 0, False, None)
    }
    (again,) = claim_all(sessions)
    assert (again.lease_version, set(again.job_ids)) == (2, set(ids))
    with sessions.begin() as session:
        assert take(session, batch) == []
        assert len(take(session, again)) == 2
