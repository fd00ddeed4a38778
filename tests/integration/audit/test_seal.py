"""Seal the audit log, and verify the chain after tampering and after concurrent seals."""

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


def verify_chain(sessions: sessionmaker[Session]) -> Verification:
    with sessions() as session:
        return verify(session)


@pytest.fixture
def chain(sessions: sessionmaker[Session]) -> sessionmaker[Session]:
    """Six entries, sealed in three runs."""
    write(sessions, 6)
    for _ in range(3):
        sealed(sessions, 2)
    assert verify_chain(sessions) == Verification(6)
    return sessions


def test_an_empty_log_is_valid(sessions: sessionmaker[Session]) -> None:
    assert sealed(sessions) == {"sealed": 0}
    assert verify_chain(sessions) == Verification(0)


def test_a_seal_takes_new_entries_up_to_its_quota(sessions: sessionmaker[Session]) -> None:
    write(sessions, 5)
    assert [sealed(sessions, 3), sealed(sessions, 3), sealed(sessions, 3)] == [
        {"sealed": 3},
        {"sealed": 2},
        {"sealed": 0},
    ]
    assert verify_chain(sessions) == Verification(5)


def test_an_unsealed_entry_leaves_the_chain_valid(chain: sessionmaker[Session]) -> None:
    write(chain, 1)
    assert verify_chain(chain) == Verification(6)


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
def test_an_edited_entry_is_found_at_its_place(chain: sessionmaker[Session], edit: str) -> None:
    do(chain, f"update app.audit_events set {edit} where seq = 3")  # noqa: S608 - the edits above
    found = verify_chain(chain)
    assert found.entries == 2
    assert found.fault is not None
    assert found.fault.startswith("entry 3 (")


@pytest.mark.parametrize("seq", [1, 3, 5])
def test_a_deleted_entry_is_found(chain: sessionmaker[Session], seq: int) -> None:
    do(chain, "delete from app.audit_events where seq = :seq", seq=seq)
    assert verify_chain(chain) == Verification(seq - 1, f"entry {seq} is missing")


def test_a_deleted_entry_with_its_gap_closed_is_found(chain: sessionmaker[Session]) -> None:
    do(chain, "delete from app.audit_events where seq = 3")
    for seq in (4, 5, 6):
        do(chain, "update app.audit_events set seq = seq - 1 where seq = :seq", seq=seq)
    assert verify_chain(chain).entries == 2


def test_an_inserted_entry_is_found(chain: sessionmaker[Session]) -> None:
    for seq in (6, 5, 4):
        do(chain, "update app.audit_events set seq = seq + 1 where seq = :seq", seq=seq)
    do(
        chain,
        "insert into app.audit_events (tag, subject_id, seq, hash, sealed_at)"
        " select 'orders:order:placed', gen_random_uuid(), 4, hash, now() from app.audit_events where seq = 3",
    )
    assert verify_chain(chain).entries == 3


def test_reordered_entries_are_found(chain: sessionmaker[Session]) -> None:
    for seq, place in ((3, 100), (4, 3), (100, 4)):
        do(chain, "update app.audit_events set seq = :place where seq = :seq", seq=seq, place=place)
    assert verify_chain(chain).entries == 2


def test_two_concurrent_seals_never_fork_the_chain(sessions: sessionmaker[Session]) -> None:
    """`max_running` prevents this; the unique `seq` is the second guard."""
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
    assert verify_chain(sessions) == Verification(200)
    assert value(sessions, "select count(*) from app.audit_events where seq is null") == 0


def test_two_seals_that_read_the_same_last_entry_conflict(sessions: sessionmaker[Session]) -> None:
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
    assert verify_chain(sessions) == Verification(2)
