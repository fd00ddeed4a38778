"""Idempotency keys: https://docs.stripe.com/api/idempotent_requests."""

import hashlib
import json

from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError
from emulators.stripe.json_types import Json

_KEPT_S = 24 * 3600


def fingerprint(method: str, path: str, params: Json) -> str:
    """What must be the same for a key to be used again."""
    told = json.dumps([method, path, params], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def remembered(call: Call, print_: str) -> tuple[int, Json] | None:
    """The stored status and answer of the call's key; raises `ApiError` when it came with other parameters."""
    oldest = call.emulator.now() - _KEPT_S
    found = call.store.rows("select * from idempotency where key = ? and created > ?", call.idempotency_key, oldest)
    if not found:
        return None
    if found[0]["fingerprint"] != print_:
        raise ApiError(
            "Keys for idempotent requests can only be used with the same parameters they were first used with."
            f" Try using a key other than '{call.idempotency_key}' if you meant to execute a different request.",
            kind="idempotency_error",
        )
    return int(found[0]["status"]), json.loads(found[0]["body"])


def remember(call: Call, print_: str, status: int, body: Json) -> None:
    """Keep an answer for 24 hours."""
    call.store.run(
        "insert or replace into idempotency (key, fingerprint, status, body, created) values (?, ?, ?, ?, ?)",
        call.idempotency_key,
        print_,
        status,
        json.dumps(body),
        call.emulator.now(),
    )
