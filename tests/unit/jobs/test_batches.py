"""How claimed jobs travel: who with whom, and what the message says."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.jobs.batch import Batch, uuid_array
from core.jobs.claim import Claimed, batches

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def some(
    count: int, kind: str = "mail.send", lease_version: int = 1, *, priority: int = 1, isolated: bool = False
) -> Claimed:
    return Claimed(kind, priority, lease_version, isolated, [uuid4() for _ in range(count)], NOW)


def test_one_job_travels_under_its_own_id() -> None:
    one = some(1)
    assert batches([one], 200, uuid4) == [Batch("mail.send", one.ids[0], 1, isolated=False, job_ids=tuple(one.ids))]


def test_solo_jobs_travel_alone() -> None:
    made = batches([some(2, isolated=True), some(2)], 200, uuid4)
    assert sorted((one.isolated, len(one)) for one in made) == [(False, 2), (True, 1), (True, 1)]
    assert all(one.id == one.job_ids[0] for one in made if one.isolated)


def test_kinds_and_attempts_do_not_mix_but_priorities_do() -> None:
    claimed = [some(1), some(1, lease_version=2), some(1, "orders.fulfil"), some(1, priority=0)]
    assert sorted((one.kind, one.lease_version, len(one)) for one in batches(claimed, 200, uuid4)) == [
        ("mail.send", 1, 2),
        ("mail.send", 2, 1),
        ("orders.fulfil", 1, 1),
    ]


@given(count=st.integers(1, 50), size=st.integers(1, 20))
def test_every_job_travels_once_in_order_and_no_batch_is_too_large(count: int, size: int) -> None:
    claimed = some(count)
    made = batches([claimed], size, uuid4)
    assert [job_id for one in made for job_id in one.job_ids] == claimed.ids
    assert all(1 <= len(one) <= size for one in made)


@given(
    ids=st.lists(st.uuids(), min_size=1, max_size=5), lease_version=st.integers(1, 2**31 - 1), isolated=st.booleans()
)
def test_a_message_is_read_as_it_was_written(ids: list[UUID], lease_version: int, isolated: bool) -> None:  # noqa: FBT001 - drawn
    batch = Batch("mail.send", uuid4(), lease_version, isolated=isolated, job_ids=tuple(ids))
    assert Batch.from_wire("mail.send", batch.to_wire()) == batch


@pytest.mark.parametrize("wire", [{}, {"id": "x", "lease_version": 1, "isolated": False, "jobs": []}])
def test_a_garbled_message_is_refused(wire: dict[str, object]) -> None:
    with pytest.raises((KeyError, ValueError)):
        Batch.from_wire("mail.send", wire)


def test_ids_are_an_array_of_postgresql() -> None:
    assert uuid_array([UUID(int=1), UUID(int=2)]) == "{" + f"{UUID(int=1).hex},{UUID(int=2).hex}" + "}"
