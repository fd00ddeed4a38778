"""The rows of app.idempotency_keys: written in the transaction of the effect, so exact even after a crash."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.problems import Conflict, Problem

_LOCK = text("select pg_try_advisory_xact_lock(:lock)")
_FIND = text("""
    select request_hash, status, headers, body from app.idempotency_keys
    where profile_id is not distinct from :profile_id and key = :key
""")
_KEEP = text("""
    insert into app.idempotency_keys (profile_id, key, request_hash, status, headers, body)
    values (:profile_id, :key, :request_hash, :status, cast(:headers as jsonb), cast(:body as jsonb))
""")


class KeyReused(Problem):
    """The key already stands for another request."""

    code = "idempotency_key_reused"
    title = "This Idempotency-Key was used for another request."
    status = 422


class KeyInFlight(Conflict):
    """The first request with this key has not been answered yet."""

    code = "idempotency_key_in_flight"
    title = "The same request is being worked on."


@dataclass(frozen=True, slots=True)
class Ticket:
    """One request under one key; `profile_id` is None for a caller who is not signed in."""

    profile_id: UUID | None
    key: str
    request_hash: bytes

    @property
    def lock(self) -> int:
        """The signed 64-bit number of this key's advisory lock."""
        digest = hashlib.sha256(f"idempotency:{self.profile_id}:{self.key}".encode()).digest()
        return int.from_bytes(digest[:8], signed=True)


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """An answer as it was first given; `body` is decoded JSON."""

    status: int
    headers: Mapping[str, str]
    body: object


def claim(session: Session, ticket: Ticket) -> StoredResponse | None:
    """Hold the key until the transaction ends; the answer, if one was given before.

    Raises KeyInFlight while another transaction holds the key, KeyReused when it stands for another request.
    """
    # The lock comes in a statement of its own: the next one then sees what its last holder committed.
    if not session.scalar(_LOCK, {"lock": ticket.lock}):
        raise KeyInFlight("The first request with this Idempotency-Key is still running.", retry_after=1)
    row = session.execute(_FIND, {"profile_id": ticket.profile_id, "key": ticket.key}).mappings().first()
    if row is None:
        return None
    if row["request_hash"] != ticket.request_hash:
        raise KeyReused("Send a new Idempotency-Key with a new request.", field="Idempotency-Key")
    return StoredResponse(cast("int", row["status"]), cast("Mapping[str, str]", row["headers"]), row["body"])


def keep(session: Session, ticket: Ticket, status: int, headers: str, body: str | None) -> None:
    """Store an answer in the transaction of its effect; `headers` and `body` are JSON texts."""
    values = {"profile_id": ticket.profile_id, "key": ticket.key, "request_hash": ticket.request_hash}
    session.execute(_KEEP, {**values, "status": status, "headers": headers, "body": body})
