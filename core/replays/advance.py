"""Replay the next part of a replay. The part, its progress and the job of the next part are one transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.audit.record import record_action
from core.audit.tags import Tag
from core.jobs.control import replay as replay_jobs
from core.jobs.enqueue import LOW, NewJob, enqueue
from core.messages import RunReplay
from core.outcomes import Done, Outcome
from core.replays.selection import Selection
from core.webhooks.control import replay_events
from db.models import Job, Replay

# Time between two parts. The relay looks for jobs whose time has come once a second.
PAUSE: Final = timedelta(seconds=1)
# A part makes up for at most so much time, so that a replay does not run faster after a pause of the worker.
LONGEST: Final = timedelta(seconds=2)
MAX_PART: Final = 1000


def advance(session: Session, message: RunReplay, now: datetime) -> Outcome:
    """Replay as many as the rate allows since the last part, and enqueue the next part.

    A message whose step is past, or whose replay is paused or ended, does nothing.
    """
    replay = session.get_one(Replay, message.replay_id, with_for_update=True)
    if replay.state != "running" or replay.step != message.step:
        return Done({"replayed": 0})
    quota = _quota(replay, now)
    ids = Selection.stored(replay).first(session, quota, replay.after_id, replay.until_id)
    replayed = _replay(session, replay, ids)
    replay.replayed += replayed
    replay.skipped += len(ids) - replayed
    replay.after_id = ids[-1] if ids else replay.after_id
    replay.moved_at = now
    replay.step += 1
    if len(ids) < quota or replay.after_id == replay.until_id:
        _finish(session, replay, now)
    else:
        next_part = RunReplay(replay_id=replay.id, step=replay.step)
        enqueue(session, NewJob(message=next_part, run_at=now + PAUSE))
    return Done({"replayed": replayed, "progress": f"{replay.replayed} of {replay.expected}"})


def on_dead(session: Session, job_ids: Sequence[UUID]) -> None:
    """A part could not be replayed: its replay is paused, with the error."""
    for job in session.scalars(select(Job).where(Job.id.in_(job_ids))):
        message = RunReplay.read(job.payload)
        stuck = (Replay.id == message.replay_id) & (Replay.step == message.step) & (Replay.state == "running")
        session.execute(update(Replay).where(stuck).values(state="paused", last_error=job.last_error))


def _quota(replay: Replay, now: datetime) -> int:
    elapsed = min(max(now - replay.moved_at, timedelta()), LONGEST)
    return min(MAX_PART, max(1, int(replay.rate * elapsed.total_seconds())))


def _replay(session: Session, replay: Replay, ids: Sequence[UUID]) -> int:
    if not ids:
        return 0
    if replay.target == "webhooks":
        replayed = replay_events(session, ids, actor_id=replay.created_by, reason=replay.reason, priority=LOW)
    else:
        replayed = replay_jobs(session, ids, actor_id=replay.created_by, reason=replay.reason)
    return len(replayed)


def _finish(session: Session, replay: Replay, now: datetime) -> None:
    replay.state, replay.finished_at = "finished", now
    session.flush()
    data = {"replayed": replay.replayed, "skipped": replay.skipped}
    record_action(session, Tag.REPLAY_FINISHED, replay.id, actor_id=replay.created_by, reason=replay.reason, data=data)
