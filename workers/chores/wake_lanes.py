"""Wake every lane: finds retries that have come due, and jobs whose notice was lost."""

from core.jobs.claim import paused_or_limited
from core.jobs.dispatch import DispatchState
from core.messages import MESSAGES
from db.statements import Statements
from workers.chores.chore import Interval
from workers.lanes import ALL_LANES


class WakeLanes:
    """Also refreshes which kinds are paused or limited."""

    name = "wake lanes"

    def __init__(self, seconds: float, dispatch: DispatchState, statements: Statements) -> None:
        self.interval = Interval(seconds)
        self._dispatch = dispatch
        self._statements = statements

    def run(self) -> None:
        """Wake the lanes."""
        self._dispatch.wake(ALL_LANES)
        self._dispatch.isolated.wake(MESSAGES)
        self._dispatch.set_paused_or_limited(paused_or_limited(self._statements))
