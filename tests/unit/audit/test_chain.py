"""The hash of an entry covers all its fields, its place and the hash before it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import pytest

from core.audit.chain import GENESIS, Entry, extend, link

ENTRY = Entry(UUID(int=1), datetime(2026, 1, 1, 12, tzinfo=UTC), "a:b:c", UUID(int=2), UUID(int=3), {"x": 1, "y": "å"})


@pytest.mark.parametrize(
    "changes",
    [
        {"id": uuid4()},
        {"at": ENTRY.at + timedelta(microseconds=1)},
        {"tag": "a:b:d"},
        {"actor_id": None},
        {"actor_id": uuid4()},
        {"subject_id": uuid4()},
        {"data": {}},
        {"data": {"x": 1, "y": "a"}},
    ],
)
def test_every_changed_field_changes_the_hash(changes: dict[str, Any]) -> None:
    assert link(GENESIS, 1, replace(ENTRY, **changes)) != link(GENESIS, 1, ENTRY)


def test_the_hash_covers_place_and_previous_hash() -> None:
    assert len({link(GENESIS, 1, ENTRY), link(GENESIS, 2, ENTRY), link(b"\1" * 32, 1, ENTRY)}) == 3


def test_the_hashed_form_is_canonical() -> None:
    same = replace(ENTRY, at=ENTRY.at.astimezone(timezone(timedelta(hours=2))), data={"y": "å", "x": 1})
    assert link(GENESIS, 1, same) == link(GENESIS, 1, ENTRY)


def test_a_chain_continues_from_its_last_hash() -> None:
    entries = [replace(ENTRY, id=UUID(int=number)) for number in range(5)]
    whole = list(extend(0, GENESIS, entries))
    first = list(extend(0, GENESIS, entries[:2]))
    assert whole == first + list(extend(2, first[-1][2], entries[2:]))
    assert [place for _, place, _ in whole] == [1, 2, 3, 4, 5]
