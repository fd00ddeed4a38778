"""Start a replay of many events or jobs, after a look at what it would do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Self
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy.orm import Session

from core.audit.record import record_action
from core.audit.tags import Tag
from core.console.filters import EventFilter, JobFilter
from core.inputs import Input
from core.jobs.enqueue import enqueue
from core.messages import RunReplay
from core.problems import InputInvalid
from core.reasons import Reason
from core.replays.problems import ReplayUnconfirmed
from core.replays.selection import SAMPLE, Selection
from db.models import Replay

# More than so many must be confirmed by their number, or limited.
UNCONFIRMED: Final = 100
MAX_RATE: Final = 1000


class NewReplay(Input):
    """What to replay, by one of the two filters: dead events, or dead and cancelled jobs, unless it names a state."""

    webhooks: EventFilter | None = None
    jobs: JobFilter | None = None
    reason: Reason
    rate: Annotated[int, Field(strict=True, ge=1, le=MAX_RATE, description="At most so many a second.")] = 50
    limit: Annotated[int | None, Field(strict=True, ge=1, le=1_000_000, description="At most so many, the oldest.")] = (
        None
    )
    expected_count: Annotated[
        int | None,
        Field(strict=True, ge=0, description=f"The `count` of a dry run; needed for more than {UNCONFIRMED}."),
    ] = None

    @model_validator(mode="after")
    def _has_one_filter(self) -> Self:
        if (self.webhooks is None) == (self.jobs is None):
            raise ValueError("give exactly one of webhooks, jobs")
        return self

    def selection(self) -> Selection:
        """The rows that match."""
        return Selection(self.jobs or self.webhooks or EventFilter())


@dataclass(frozen=True, slots=True)
class Preview:
    """What a replay would do: how many it would replay, and the ids of the first."""

    count: int
    sample: Sequence[UUID]


def preview(session: Session, wanted: NewReplay) -> Preview:
    """Count, and change nothing. Raises InputInvalid."""
    selection = wanted.selection()
    found = selection.count(session)
    count = min(found, wanted.limit or found)
    return Preview(count, selection.first(session, min(SAMPLE, count)) if count else [])


def start(session: Session, wanted: NewReplay, *, actor_id: UUID) -> Replay:
    """Store the replay and enqueue its first part. Raises InputInvalid, ReplayUnconfirmed."""
    selection = wanted.selection()
    count = _confirmed(selection.count(session), wanted)
    until = selection.id_at(session, count) if count else None
    if until is None:
        raise InputInvalid("Nothing matches; there is nothing to replay.", field=selection.target)
    replay = Replay(
        target=selection.target,
        filter=selection.wanted.model_dump(mode="json", exclude_none=True),
        reason=wanted.reason,
        created_by=actor_id,
        rate=wanted.rate,
        expected=count,
        until_id=until,
    )
    session.add(replay)
    session.flush()
    session.refresh(replay)
    data = {"target": replay.target, "filter": replay.filter, "expected": count}
    record_action(session, Tag.REPLAY_STARTED, replay.id, actor_id=actor_id, reason=replay.reason, data=data)
    enqueue(session, RunReplay(replay_id=replay.id, step=replay.step))
    return replay


def _confirmed(found: int, wanted: NewReplay) -> int:
    """How many will be replayed. Raises ReplayUnconfirmed."""
    count = min(found, wanted.limit or found)
    if wanted.expected_count is not None and wanted.expected_count != count:
        raise ReplayUnconfirmed(f"{count} match, not {wanted.expected_count}.", count)
    if wanted.expected_count is None and count > UNCONFIRMED:
        raise ReplayUnconfirmed(f"{count} match: send this number as expected_count.", count)
    return count
