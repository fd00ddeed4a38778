"""A bulkhead: only a few of the calls that requests wait for run at a time, and each wait ends.

So a gateway that answers slowly does not make other requests slow.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import Final, TypeVar

from core.ports.errors import GatewayBusy, GatewayUnavailable

# Calls at once in one process: a fifth of the 40 threads that serve requests. At half a second a call, this opens
# 16 checkouts a second.
MAX_CALLS: Final = 8
# Seconds for all calls of one request: longer than one answer may take, and less than a buyer waits.
DEADLINE: Final = 10.0
# Seconds until a refused caller asks again. Most calls have ended by then.
RETRY_AFTER: Final = 2.0

T = TypeVar("T")


class Bulkhead:
    """Makes at most `size` calls at once, in threads of its own."""

    def __init__(self, size: int = MAX_CALLS) -> None:
        self._slots = BoundedSemaphore(size)
        self._pool = ThreadPoolExecutor(size, thread_name_prefix="bulkhead")

    def call(self, request: Callable[[], T], deadline: float) -> T:
        """Make the call and wait for its answer until `deadline`, in seconds of `time.monotonic`.

        A call that is not answered by then goes on and takes its place until it ends: the far side never gets more
        calls than `size`. Raises GatewayBusy at once when there is no place, and GatewayUnavailable at the deadline.
        """
        left = deadline - time.monotonic()
        if left <= 0:
            raise _too_late()
        if not self._slots.acquire(blocking=False):
            raise GatewayBusy("as many calls as allowed are under way", retry_after=RETRY_AFTER)
        future = self._pool.submit(request)
        future.add_done_callback(lambda _ended: self._slots.release())
        try:
            return future.result(timeout=left)
        except TimeoutError:
            if future.done():
                raise
            raise _too_late() from None


def _too_late() -> GatewayUnavailable:
    return GatewayUnavailable(f"not answered within {DEADLINE:g} s", retry_after=RETRY_AFTER)
