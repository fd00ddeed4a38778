"""The circuit breaker of a gateway: while the far side does not answer, calls fail at once and leave it in peace.

https://martinfowler.com/bliki/CircuitBreaker.html
"""

import time
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Final, Literal, TypeVar

import structlog

from core.ports.errors import GatewayDeferred, GatewayError, GatewayKeySpent, GatewayUnavailable

# So many failures in a row are an outage. A single lost connection is not one.
MAX_FAILURES: Final = 5
# Seconds until the first trial call. Each trial that fails doubles the time, up to the longest: a short outage is soon
# over for us too, and a long one costs a call every four minutes.
FIRST_PAUSE: Final = 15.0
LONGEST_PAUSE: Final = 240.0
# Seconds to wait while the trial call is under way: longer than most calls take.
TRIAL_PAUSE: Final = 5.0

BreakerState = Literal["closed", "open", "half_open"]
T = TypeVar("T")

log = structlog.get_logger("gateways")


class Breaker:
    """The breaker of the gateway `name`; `monotonic` gives seconds. Calls of many threads go through it side by side.

    closed: every call is made. open: no call is made until the pause is over. half_open: one trial call is under way;
    its answer closes the breaker, its failure opens it again.
    """

    def __init__(self, name: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._monotonic = monotonic
        self._lock = Lock()
        self._state: BreakerState = "closed"
        self._failures = 0
        self._pause = FIRST_PAUSE
        self._ends = 0.0
        self._trial_was_kept = False

    @property
    def state(self) -> BreakerState:
        """The state after the last call."""
        return self._state

    def call(self, request: Callable[[], T]) -> T:
        """Make the call. Raises GatewayUnavailable at once, with `retry_after`, while the breaker is not closed."""
        self._admit()
        try:
            answer = request()
        except GatewayDeferred:
            self._answered()
            raise
        except GatewayKeySpent as error:
            self._kept(str(error))
            raise
        except GatewayUnavailable as error:
            self._failed(str(error))
            raise
        except GatewayError:
            # A refusal is an answer.
            self._answered()
            raise
        except BaseException:
            self._unknown()
            raise
        self._answered()
        return answer

    def _admit(self) -> None:
        with self._lock:
            if self._state == "closed":
                return
            left = self._ends - self._monotonic() if self._state == "open" else TRIAL_PAUSE
            if left > 0:
                raise GatewayUnavailable(f"{self._name} was unavailable: not called", retry_after=left)
            self._become("half_open")

    def _failed(self, reason: str) -> None:
        with self._lock:
            self._failures += 1
            self._trial_was_kept = False
            if self._state == "half_open":
                self._pause = min(self._pause * 2, LONGEST_PAUSE)
                self._open(reason)
            elif self._state == "closed" and self._failures >= MAX_FAILURES:
                self._open(reason)

    def _answered(self) -> None:
        with self._lock:
            self._failures = 0
            self._trial_was_kept = False
            if self._state != "closed":
                self._pause = FIRST_PAUSE
                self._become("closed")

    def _kept(self, reason: str) -> None:
        """A kept answer is that of an earlier call, perhaps of the outage: once a pause, the next call is the trial."""
        with self._lock:
            repeats = self._state == "half_open" and not self._trial_was_kept
            if repeats:
                self._trial_was_kept = True
                self._open(reason)
                self._ends = self._monotonic()
        if not repeats:
            self._failed(reason)

    def _unknown(self) -> None:
        """An error of our own says nothing about the far side: the next call is the trial."""
        with self._lock:
            if self._state == "half_open":
                self._open("the trial call failed here")
                self._ends = self._monotonic()

    def _open(self, reason: str) -> None:
        self._ends = self._monotonic() + self._pause
        self._become("open", reason=reason, seconds=self._pause)

    def _become(self, state: BreakerState, **details: object) -> None:
        self._state = state
        report = log.warning if state == "open" else log.info
        report("circuit breaker changed", gateway=self._name, state=state, **details)


# The breakers of this process, by the name of their gateway.
_breakers: dict[str, Breaker] = {}


def make_breaker(name: str) -> Breaker:
    """A new breaker, shown by `breaker_states` in place of an older one of that name."""
    _breakers[name] = made = Breaker(name)
    return made


def breaker_states() -> Mapping[str, BreakerState]:
    """The state of each gateway's breaker in this process."""
    return {name: breaker.state for name, breaker in sorted(_breakers.items())}
