"""The hash chain over the audit log: each entry's hash covers its content and the hash before it."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import orjson

GENESIS: Final = bytes(32)


@dataclass(frozen=True, slots=True)
class Entry:
    """The content of an audit entry, as the chain covers it."""

    id: UUID
    at: datetime
    tag: str
    actor_id: UUID | None
    subject_id: UUID
    data: Mapping[str, Any]


def link(previous: bytes, seq: int, entry: Entry) -> bytes:
    """SHA-256 over the previous hash and the entry in one canonical form (sorted keys, times in UTC)."""
    content = [
        seq,
        str(entry.id),
        entry.at.astimezone(UTC).isoformat(),
        entry.tag,
        str(entry.actor_id) if entry.actor_id else None,
        str(entry.subject_id),
        entry.data,
    ]
    return hashlib.sha256(previous + orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).digest()


def extend(seq: int, previous: bytes, entries: Iterable[Entry]) -> Iterator[tuple[UUID, int, bytes]]:
    """The sequence numbers and hashes of entries that follow the one at `seq` with hash `previous`."""
    for entry in entries:
        seq += 1
        previous = link(previous, seq, entry)
        yield entry.id, seq, previous
