"""The sealed log: what verify finds, and that two seals never fork it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from core.audit.record import record
from core.audit.seal import seal
from core.audit.tags import Tag
from core.audit.verify import Verification, verify
from core.outcomes import Done
from tests.support.jobs import do, value
from tests.support.waiting import wait_until


def write(sessions: sessionmaker[Session], count: int) -> None:
    with sessions.begin() as session:
        for number in range(count):
            record(session, Tag.ORDER_PLACED, uuid4(), actor_id=uuid4(), data={"number": number, "text": "å\n"})


def sealed(sessions: sessionmaker[Session], quota: int = 1000) -> object:
    with sessions.begin() as session:
        outcome = seal(session, quota)
    assert isinstance(outcome, Done)
    return outcome.result


def verdict(sessions: sessionmaker[Session]) -> Verification:
    with sessions() as session:
        return verify(session)


@pytest.fixture
def chain(sessions: sessionmaker[Session]) -> sessionmaker[Session]:
    """Six entries, sealed in three goes."""
    write(sessions, 6)
    for _ in range(3):
        sealed(sessions, 2)
    assert verdict(sessions) == Verification(6)
    return sessions


def test_an_empty_log_is_whole(sessions: sessionmaker[Session]) -> None:
    assert sealed(sessions) == {"sealed": 0}
    assert verdict(sessions) == Verification(0)


def test_a_seal_takes_what_is_new_and_so_much_at_a_time(sessions: sessionmaker[Session]) -> None:
    write(sessions, 5)
    assert [sealed(sessions, 3), sealed(sessions, 3), sealed(sessions, 3)] == [
        {"sealed": 3},
        {"sealed": 2},
        {"sealed": 0},
    ]
    assert verdict(sessions) == Verification(5)


def test_what_is_not_sealed_yet_is_not_held_against_the_chain(chain: sessionmaker[Session]) -> None:
    write(chain, 1)
    assert verdict(chain) == Verification(6)


@pytest.mark.parametrize(
    "edit",
    [
        "data = data || '{\"number\": 99}'",
        "tag = 'orders:order:cancelled'",
        "actor_id = null",
        "subject_id = gen_random_uuid()",
        "at = at + interval '1 microsecond'",
        "id = gen_random_uuid()",
        "hash = decode(repeat('00', 32), 'hex')",
    ],
)
def test_an_edit_is_found_where_it_is(chain: sessionmaker[Session], edit: str) -> None:
    do(chain, f"update app.audit_events set {edit} where seq = 3")  # noqa: S608 - the edits above
    found = verdict(chain)
    assert found.entries == 2
    assert found.fault is not None
    assert found.fault.startswith("entry 3 (")


@pytest.mark.parametrize("seq", [1, 3, 5])
def test_a_deletion_is_found(chain: sessionmaker[Session], seq: int) -> None:
    do(chain, "delete from app.audit_events where seq = :seq", seq=seq)
    assert verdict(chain) == Verification(seq - 1, f"entry {seq} is missing")


def test_a_deletion_that_closes_the_gap_is_found(chain: sessionmaker[Session]) -> None:
    do(chain, "delete from app.audit_events where seq = 3")
    for seq in (4, 5, 6):
        do(chain, "update app.audit_events set seq = seq - 1 where seq = :seq", seq=seq)
    assert verdict(chain).entries == 2


def test_an_insertion_is_found(chain: sessionmaker[Session]) -> None:
    for seq in (6, 5, 4):
        do(chain, "update app.audit_events set seq = seq + 1 where seq = :seq", seq=seq)
    do(
        chain,
        "insert into app.audit_events (tag, subject_id, seq, hash, sealed_at)"
        " select 'orders:order:placed', gen_random_uuid(), 4, hash, now() from app.audit_events where seq = 3",
    )
    assert verdict(chain).entries == 3


def test_a_reordering_is_found(chain: sessionmaker[Session]) -> None:
    for seq, place in ((3, 100), (4, 3), (100, 4)):
        do(chain, "update app.audit_events set seq = :place where seq = :seq", seq=seq, place=place)
    assert verdict(chain).entries == 2


def test_two_seals_at_once_never_fork(sessions: sessionmaker[Session]) -> None:
    """max_running keeps them apart; should that fail, the unique place does."""
    write(sessions, 200)
    barrier = Barrier(4)

    def go(_: int) -> bool:
        barrier.wait(10)
        try:
            sealed(sessions, 50)
        except IntegrityError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        ends = list(pool.map(go, range(4)))
    assert any(ends)
    sealed(sessions)
    assert verdict(sessions) == Verification(200)
    assert value(sessions, "select count(*) from app.audit_events where seq is null") == 0


def test_two_seals_that_read_the_same_end_clash(sessions: sessionmaker[Session]) -> None:
    write(sessions, 4)
    with ThreadPoolExecutor(1) as pool:
        with sessions.begin() as one:
            seal(one, 2)
            other = pool.submit(sealed, sessions, 2)
            waits = (
                "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
            )
            wait_until(lambda: value(sessions, waits) or other.done(), "the second waits for the first")
        with pytest.raises(IntegrityError):
            other.result(10)
    assert verdict(sessions) == Verification(2)
