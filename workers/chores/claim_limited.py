"""Claim kinds that have a limit: they are counted and claimed apart from the lanes."""

from workers.chores.chore import Interval
from workers.dispatcher import Dispatcher


class ClaimLimited:
    """Once in each interval, since each claim counts what is running."""

    name = "claim limited kinds"

    def __init__(self, seconds: float, dispatcher: Dispatcher) -> None:
        self.interval = Interval(seconds)
        self._dispatcher = dispatcher

    def run(self) -> None:
        """Claim and publish them."""
        self._dispatcher.run_limited()
