"""Which events or jobs a replay is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.console.events import event_conditions
from core.console.filters import EventFilter, JobFilter
from core.console.jobs import job_conditions
from core.jobs.states import FINISHED
from core.messages import RunReplay
from core.problems import InputInvalid
from db.models import Job, Replay, ReplayTarget, WebhookEvent

SAMPLE: Final = 10


@dataclass(frozen=True, slots=True)
class Selection:
    """Events or jobs that match a filter; those that failed unless it names a state."""

    wanted: EventFilter | JobFilter

    @property
    def target(self) -> ReplayTarget:
        """What is replayed."""
        return "jobs" if isinstance(self.wanted, JobFilter) else "webhooks"

    @classmethod
    def stored(cls, replay: Replay) -> Self:
        """The selection of a replay. Raises pydantic.ValidationError for a filter of another release."""
        return cls((JobFilter if replay.target == "jobs" else EventFilter).model_validate(replay.filter))

    def count(self, session: Session) -> int:
        """How many match. Raises InputInvalid for an unknown kind or queue, or a state that allows no replay."""
        return session.scalar(select(func.count()).where(*self._conditions(session))) or 0

    def first(
        self, session: Session, limit: int, after: UUID | None = None, until: UUID | None = None
    ) -> Sequence[UUID]:
        """The first ids that match, after one id and up to another."""
        row_id = self._id
        statement = select(row_id).where(*self._conditions(session)).order_by(row_id).limit(limit)
        if after is not None:
            statement = statement.where(row_id > after)
        if until is not None:
            statement = statement.where(row_id <= until)
        return session.scalars(statement).all()

    def id_at(self, session: Session, position: int) -> UUID | None:
        """The id at a position, counted from 1."""
        row_id = self._id
        statement = select(row_id).where(*self._conditions(session)).order_by(row_id)
        return session.scalar(statement.offset(position - 1).limit(1))

    @property
    def _id(self) -> InstrumentedAttribute[UUID]:
        return Job.id if self.target == "jobs" else WebhookEvent.id

    def _conditions(self, session: Session) -> list[ColumnElement[bool]]:
        if isinstance(self.wanted, JobFilter):
            return [*_job_states(self.wanted), *job_conditions(session, self.wanted)]
        return [*_event_states(self.wanted), *event_conditions(self.wanted)]


def _job_states(wanted: JobFilter) -> list[ColumnElement[bool]]:
    if wanted.state is not None and wanted.state not in FINISHED:
        raise InputInvalid(f"Jobs that are {', '.join(sorted(FINISHED))} can be replayed.", field="jobs.state")
    # A replay must not find the jobs that move it.
    own = Job.kind != RunReplay.kind
    return [own] if wanted.state else [own, Job.state.in_(("dead", "cancelled"))]


def _event_states(wanted: EventFilter) -> list[ColumnElement[bool]]:
    if wanted.state == "received":
        raise InputInvalid("Events that are processed, ignored or dead can be replayed.", field="webhooks.state")
    return [] if wanted.state else [WebhookEvent.state == "dead"]
