"""Replays of many events or jobs."""

from sqlalchemy.orm import Session

from core.clock import utc_now
from core.messages import RunReplay
from core.outcomes import Outcome
from core.replays.advance import advance
from tasks.decorators import each_task


@each_task(RunReplay)
def run(session: Session, message: RunReplay) -> Outcome:
    """Replay the next part of a replay."""
    return advance(session, message, utc_now())
