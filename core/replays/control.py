"""Look at replays; pause, resume and cancel them. Each action has a reason and is audited."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit.record import record_action
from core.audit.tags import Tag
from core.jobs.enqueue import enqueue
from core.messages import RunReplay
from core.paging import Newest, PageRequest, Slice, cut, newest_ids
from core.problems import NotFound
from core.replays.problems import ReplayEnded
from db.models import Replay


def replays(session: Session, page: PageRequest[Newest]) -> Slice[Replay, Newest]:
    """Replays, the newest first."""
    rows = session.scalars(newest_ids(select(Replay), Replay.id, page)).all()
    return cut(rows, page, lambda row: (row.created_at, row.id))


def replay_of(session: Session, replay_id: UUID) -> Replay:
    """One replay. Raises NotFound."""
    found = session.get(Replay, replay_id)
    if found is None:
        raise NotFound(f"There is no replay {replay_id}.")
    return found


def pause_replay(session: Session, replay_id: UUID, *, actor_id: UUID, reason: str) -> Replay:
    """Replay nothing more until it is resumed. Raises NotFound, ReplayEnded."""
    replay = _locked(session, replay_id)
    if replay.state == "running":
        replay.state = "paused"
        _record(session, Tag.REPLAY_PAUSED, replay, actor_id, reason)
    return replay


def resume_replay(session: Session, replay_id: UUID, now: datetime, *, actor_id: UUID, reason: str) -> Replay:
    """Go on after the last part. Raises NotFound, ReplayEnded."""
    replay = _locked(session, replay_id)
    if replay.state == "paused":
        # The job of the step before may still wait; it does nothing then.
        replay.state, replay.step, replay.moved_at, replay.last_error = "running", replay.step + 1, now, None
        _record(session, Tag.REPLAY_RESUMED, replay, actor_id, reason)
        enqueue(session, RunReplay(replay_id=replay.id, step=replay.step))
    return replay


def cancel_replay(session: Session, replay_id: UUID, now: datetime, *, actor_id: UUID, reason: str) -> Replay:
    """End it; what was replayed stays replayed. Raises NotFound, ReplayEnded."""
    replay = _locked(session, replay_id)
    replay.state, replay.finished_at = "cancelled", now
    _record(session, Tag.REPLAY_CANCELLED, replay, actor_id, reason)
    return replay


def _locked(session: Session, replay_id: UUID) -> Replay:
    replay = session.scalar(select(Replay).where(Replay.id == replay_id).with_for_update())
    if replay is None:
        raise NotFound(f"There is no replay {replay_id}.")
    if replay.finished_at is not None:
        raise ReplayEnded(f"It was {replay.state} at {replay.finished_at.isoformat()}.")
    return replay


def _record(session: Session, tag: Tag, replay: Replay, actor_id: UUID, reason: str) -> None:
    session.flush()
    record_action(session, tag, replay.id, actor_id=actor_id, reason=reason)
