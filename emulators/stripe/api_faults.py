"""Injected faults of the API: refused calls, lost responses, and responses that come too late."""

import asyncio

from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError

FAILED_CALLS = "failed_calls"
FAILED_STATUS = "failed_status"
LOST_RESPONSES = "lost_answers"
LATE_RESPONSES = "late_answers"
LATE_S = "late_s"
DEFAULT_STATUS, DEFAULT_LATE_S = 500, 120.0
_TOO_MANY = 429


def refusal(call: Call) -> ApiError | None:
    """The error with the set status, if this call is to be refused; nothing is done then."""
    if not _take(call, FAILED_CALLS):
        return None
    status = int(call.store.switch(FAILED_STATUS, DEFAULT_STATUS))
    if status == _TOO_MANY:
        return ApiError("Request rate limit exceeded.", status=status, code="rate_limit")
    return ApiError("The call failed, as set by /_emulator/faults.", status=status, kind="api_error")


async def fail_after(call: Call, method: str) -> None:
    """The work is committed, but the response is lost, or comes after the caller's timeout."""
    if method != "POST":
        return
    if _take(call, LATE_RESPONSES):
        await asyncio.sleep(float(call.store.switch(LATE_S, DEFAULT_LATE_S)))
    if _take(call, LOST_RESPONSES):
        raise ApiError("The response was lost, as set by /_emulator/faults.", status=503, kind="api_error")


def _take(call: Call, name: str) -> bool:
    left = int(call.store.switch(name, 0))
    if left:
        call.store.set_switch(name, left - 1)
    return left > 0
