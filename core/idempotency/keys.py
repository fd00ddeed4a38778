"""The rows of app.idempotency_keys, each written in the transaction of its effect."""

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
_INSERT = text("""
    insert into app.idempotency_keys (profile_id, key, request_hash, status, headers, body)
    values (:profile_id, :key, :request_hash, :status, cast(:headers as jsonb), cast(:body as jsonb))
""")


class KeyReused(Problem):
    """The key was used for another request."""

    code = "idempotency_key_reused"
    title = "This Idempotency-Key was used for another request."
    status = 422


class KeyInFlight(Conflict):
    """The first request with this key has not been answered yet."""

    code = "idempotency_key_in_flight"
    title = "The same request is still running."


@dataclass(frozen=True, slots=True)
class RequestKey:
    """An Idempotency-Key with the hash of its request; `profile_id` is None for a caller who is not signed in."""

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
    """A stored answer; `body` is decoded JSON."""

    status: int
    headers: Mapping[str, str]
    body: object


def claim(session: Session, request_key: RequestKey) -> StoredResponse | None:
    """Lock the key until the transaction ends; return its stored answer, if any.

    Raises KeyInFlight while another transaction holds the lock, KeyReused if the key was used for another request.
    """
    # The lock is a statement of its own, so that the next statement sees what the last holder committed.
    if not session.scalar(_LOCK, {"lock": request_key.lock}):
        raise KeyInFlight("The first request with this Idempotency-Key is still running.", retry_after=1)
    row = session.execute(_FIND, {"profile_id": request_key.profile_id, "key": request_key.key}).mappings().first()
    if row is None:
        return None
    if row["request_hash"] != request_key.request_hash:
        raise KeyReused("Use a new Idempotency-Key for a new request.", field="Idempotency-Key")
    return StoredResponse(cast("int", row["status"]), cast("Mapping[str, str]", row["headers"]), row["body"])


def store(session: Session, request_key: RequestKey, status: int, headers: str, body: str | None) -> None:
    """Store an answer in the transaction of its effect; `headers` and `body` are JSON texts."""
    values = {"profile_id": request_key.profile_id, "key": request_key.key, "request_hash": request_key.request_hash}
    session.execute(_INSERT, {**values, "status": status, "headers": headers, "body": body})
