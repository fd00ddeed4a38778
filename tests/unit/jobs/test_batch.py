"""Group claimed jobs into batches, and write and read their messages."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.jobs.batch import Batch, uuid_array
from core.jobs.claim import Claimed, batches

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def make_claimed(
    count: int, kind: str = "mail.send", lease_version: int = 1, *, priority: int = 1, batch_limit: int | None = None
) -> Claimed:
    return Claimed(kind, priority, lease_version, batch_limit, [uuid4() for _ in range(count)], NOW)


def test_a_batch_of_one_job_has_the_id_of_the_job() -> None:
    one = make_claimed(1)
    assert batches([one], 200, uuid4) == [Batch("mail.send", one.ids[0], 1, isolated=False, job_ids=tuple(one.ids))]


def test_isolated_jobs_get_batches_of_their_limit_apart_from_others() -> None:
    made = batches([make_claimed(2, batch_limit=1), make_claimed(12, batch_limit=8), make_claimed(2)], 200, uuid4)
    sizes = sorted((one.isolated, len(one)) for one in made)
    assert sizes == [(False, 2), (False, 4), (False, 8), (True, 1), (True, 1)]
    assert all(one.id == one.job_ids[0] for one in made if one.isolated)


def test_a_batch_mixes_priorities_but_not_kinds_or_lease_versions() -> None:
    claimed = [
        make_claimed(1),
        make_claimed(1, lease_version=2),
        make_claimed(1, "orders.fulfil"),
        make_claimed(1, priority=0),
    ]
    assert sorted((one.kind, one.lease_version, len(one)) for one in batches(claimed, 200, uuid4)) == [
        ("mail.send", 1, 2),
        ("mail.send", 2, 1),
        ("orders.fulfil", 1, 1),
    ]


@given(count=st.integers(1, 50), size=st.integers(1, 20))
def test_every_job_is_in_one_batch_in_order_and_no_batch_is_too_large(count: int, size: int) -> None:
    claimed = make_claimed(count)
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
def test_a_malformed_message_is_refused(wire: dict[str, object]) -> None:
    with pytest.raises((KeyError, ValueError)):
        Batch.from_wire("mail.send", wire)


def test_ids_are_written_as_a_postgresql_array() -> None:
    assert uuid_array([UUID(int=1), UUID(int=2)]) == "{" + f"{UUID(int=1).hex},{UUID(int=2).hex}" + "}"
