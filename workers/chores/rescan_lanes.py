"""Read every lane from its beginning: finds what a slow transaction committed behind the watermark."""

from core.jobs.dispatch import DispatchState
from workers.chores.chore import Interval
from workers.lanes import ALL_LANES


class RescanLanes:
    """The next claim does the reading, so the dispatcher measures how long it takes."""

    name = "rescan lanes"

    def __init__(self, seconds: float, dispatch: DispatchState) -> None:
        self.interval = Interval(seconds, limits_time=True)
        self._dispatch = dispatch

    def run(self) -> None:
        """Let the next claim read from the beginning."""
        self._dispatch.rescan(ALL_LANES)
