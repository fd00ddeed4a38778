"""What a chore is, and how the relay runs those that are due."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from db.connection_errors import is_connection_lost

# A chore that reads whole indexes has at most one part in so many of the time: when it takes long it runs less often.
MAX_TIME_SHARE: Final = 20

log = structlog.get_logger()


@dataclass(slots=True)
class Interval:
    """When something is to be done again. Times are seconds of one monotonic clock.

    Only where `limits_time` is set, `MAX_TIME_SHARE` holds: a check of a broker that is down takes long too, and has to
    be repeated soon.
    """

    seconds: float
    next_at: float = 0.0
    limits_time: bool = False

    def due(self, now: float) -> bool:
        """Whether it is time; the next time is `seconds` later."""
        if now < self.next_at:
            return False
        self.next_at = now + self.seconds
        return True

    def took(self, seconds: float, now: float) -> None:
        """It ended `now` and took `seconds`: a long run puts off the next one."""
        if self.limits_time:
            self.next_at = max(self.next_at, now + seconds * MAX_TIME_SHARE)


class Chore(Protocol):
    """A piece of housekeeping. `name` is for the log."""

    name: str
    interval: Interval

    def run(self) -> None:
        """Do it once."""
        ...


class Housekeeping:
    """Runs chores that are due. An error of one is logged and stops no other; a lost connection is raised."""

    def __init__(self, chores: Sequence[Chore], monotonic: Callable[[], float]) -> None:
        self._chores = chores
        self._monotonic = monotonic

    def run(self) -> None:
        """Run every chore whose interval is over. Raises the error of a lost connection."""
        for chore in self._chores:
            if chore.interval.due(self._monotonic()):
                self.run_now(chore)

    def run_now(self, chore: Chore) -> None:
        """Run a chore whether it is due or not. Raises the error of a lost connection."""
        began = self._monotonic()
        try:
            chore.run()
        except Exception as error:
            if is_connection_lost(error):
                raise
            log.exception("relay: chore failed", chore=chore.name)
        ended = self._monotonic()
        chore.interval.took(ended - began, ended)
