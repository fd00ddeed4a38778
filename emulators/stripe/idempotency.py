"""Idempotency keys: https://docs.stripe.com/api/idempotent_requests."""

import hashlib
import json

from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError
from emulators.stripe.json_types import Json

_RETENTION_S = 24 * 3600


def fingerprint(method: str, path: str, params: Json) -> str:
    """A hash of the request; a key may be used again only with the same one."""
    request = json.dumps([method, path, params], sort_keys=True)
    return hashlib.sha256(request.encode()).hexdigest()


def find_response(call: Call, request_hash: str) -> tuple[int, Json] | None:
    """The stored status and body of the call's key; raises `ApiError` when the parameters differ."""
    oldest = call.emulator.now() - _RETENTION_S
    found = call.store.rows("select * from idempotency where key = ? and created > ?", call.idempotency_key, oldest)
    if not found:
        return None
    if found[0]["fingerprint"] != request_hash:
        raise ApiError(
            "Keys for idempotent requests can only be used with the same parameters they were first used with."
            f" Try using a key other than '{call.idempotency_key}' if you meant to execute a different request.",
            kind="idempotency_error",
        )
    return int(found[0]["status"]), json.loads(found[0]["body"])


def store_response(call: Call, request_hash: str, status: int, body: Json) -> None:
    """Store a response for 24 hours."""
    call.store.run(
        "insert or replace into idempotency (key, fingerprint, status, body, created) values (?, ?, ?, ?, ?)",
        call.idempotency_key,
        request_hash,
        status,
        json.dumps(body),
        call.emulator.now(),
    )
