"""Wait for what other processes do."""

import time
from collections.abc import Callable
from typing import TypeVar

from scripts.run.errors import RunFailedError

T = TypeVar("T")

# Seconds; also for 1,000 purchases on a slow machine.
DEADLINE = 300.0
_POLL = 0.2


def wait_for(find: Callable[[], T | None], failure: str) -> T:
    """What `find` returns as soon as it is not None.

    Raises:
        RunFailedError: it was None for 300 seconds.
    """
    deadline = time.monotonic() + DEADLINE
    while (found := find()) is None:
        if time.monotonic() > deadline:
            raise RunFailedError(f"{failure} after {DEADLINE:.0f} s")
        time.sleep(_POLL)
    return found


def wait_until(is_so: Callable[[], bool], failure: str) -> None:
    """Wait until it is true.

    Raises:
        RunFailedError: it was not for 300 seconds.
    """
    wait_for(lambda: is_so() or None, failure)
