"""Show and set faults; they survive restarts."""

from emulators.stripe.api_faults import (
    DEFAULT_LATE_S,
    DEFAULT_STATUS,
    FAILED_CALLS,
    FAILED_STATUS,
    LATE_RESPONSES,
    LATE_S,
    LOST_RESPONSES,
)
from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError
from emulators.stripe.json_types import Json

_MAX_DELAY_S = 3_600.0
# Name: least and greatest value; each is a whole number stored under its name.
_NUMBERS: dict[str, tuple[int, int]] = {
    "copies": (1, 50),
    FAILED_CALLS: (0, 1_000),
    FAILED_STATUS: (400, 599),
    LATE_RESPONSES: (0, 1_000),
    LOST_RESPONSES: (0, 1_000),
}
_KNOWN = (*_NUMBERS, LATE_S, "delay_min_s", "delay_max_s")


def show_faults(call: Call) -> Json:
    """The current faults."""
    return {
        "copies": call.store.switch("copies", 1),
        "delay_s": call.store.switch("delay_s", [0, 0]),
        FAILED_CALLS: call.store.switch(FAILED_CALLS, 0),
        FAILED_STATUS: call.store.switch(FAILED_STATUS, DEFAULT_STATUS),
        LATE_RESPONSES: call.store.switch(LATE_RESPONSES, 0),
        LATE_S: call.store.switch(LATE_S, DEFAULT_LATE_S),
        LOST_RESPONSES: call.store.switch(LOST_RESPONSES, 0),
        "paused": call.store.switch("paused", default=False),
    }


def set_faults(call: Call) -> Json:
    """Set the given faults; nothing changes when one is invalid.

    `copies`: how often each new event is delivered. `delay_min_s`, `delay_max_s`: each delivery waits a random
    time, so the order is lost. `failed_calls`: that many API calls are refused with `failed_status`.
    `lost_answers`: that many POSTs to the API are executed but answered with 503. `late_answers`: that many POSTs
    are executed but answered only after `late_s` seconds.
    """
    unknown = call.params.keys() - set(_KNOWN)
    if unknown:
        raise ApiError(f"Unknown: {', '.join(sorted(unknown))}; known: {', '.join(_KNOWN)}")
    for name, (low, high) in _NUMBERS.items():
        if name in call.params:
            call.store.set_switch(name, int(_number(call.params[name], name, low, high)))
    if LATE_S in call.params:
        call.store.set_switch(LATE_S, _number(call.params[LATE_S], LATE_S, 0, _MAX_DELAY_S))
    if "delay_max_s" in call.params:
        high_s = _number(call.params["delay_max_s"], "delay_max_s", 0, _MAX_DELAY_S)
        low_s = _number(call.params.get("delay_min_s", 0), "delay_min_s", 0, high_s)
        call.store.set_switch("delay_s", [low_s, high_s])
    return show_faults(call)


def _number(value: object, name: str, low: float, high: float) -> float:
    try:
        number = float(str(value))
    except ValueError as error:
        raise ApiError(f"{name} must be a number, not {value}", param=name) from error
    if not low <= number <= high:
        raise ApiError(f"{name} must be from {low} to {high}", param=name)
    return number
