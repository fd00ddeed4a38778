"""Background jobs and their schedules."""

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.accounts import Profile
from db.models.base import Base, CreatedAt, Id, JsonObject, SmallInt

JobState = Literal["pending", "dispatched", "succeeded", "dead", "cancelled"]


class JobKind(Base):
    """Limits of a kind of job, and whether it is paused."""

    __tablename__ = "job_kinds"

    kind: Mapped[str] = mapped_column(primary_key=True)
    queue: Mapped[str]
    max_running: Mapped[int | None]
    max_per_key: Mapped[int | None]
    paused_at: Mapped[datetime | None]
    pause_reason: Mapped[str | None]


class Job(Base):
    """Background work. `lease_version` is the fencing token; `lease_until` is set while it is dispatched.

    `unavailable_since`: an external service did not answer the last attempt, and none since then.
    `cause_id` is the request, event, checkout or job that caused it. An `isolated` one failed or was lost: it runs in a
    batch of at most `batch_limit` such jobs. `deaths` counts how often in a row its process died while it ran alone.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        Index("jobs_pending", "kind", "priority", "run_at", "id", postgresql_where=text("state = 'pending'")),
        Index(
            "jobs_isolated",
            "kind",
            "priority",
            "run_at",
            "id",
            postgresql_where=text("state = 'pending' and isolated"),
        ),
        Index("jobs_dispatched", "kind", "lease_until", postgresql_where=text("state = 'dispatched'")),
        Index("jobs_dead", "kind", "finished_at", postgresql_where=text("state = 'dead'")),
        Index(
            "jobs_dedupe",
            "dedupe_key",
            unique=True,
            postgresql_where=text("dedupe_key is not null and state in ('pending', 'dispatched')"),
        ),
        Index(
            "jobs_concurrency",
            "kind",
            "concurrency_key",
            postgresql_where=text("concurrency_key is not null and state = 'dispatched'"),
        ),
        Index("jobs_tick", "schedule", "due_at", unique=True, postgresql_where=text("schedule is not null")),
        Index("jobs_profile", "profile_id", "id", postgresql_where=text("profile_id is not null")),
        Index("jobs_cause", "cause_id", postgresql_where=text("cause_id is not null")),
    )

    id: Mapped[Id]
    kind: Mapped[str]
    state: Mapped[JobState] = mapped_column(Text, server_default="pending")
    priority: Mapped[SmallInt] = mapped_column(server_default=text("1"))
    lease_version: Mapped[int] = mapped_column(server_default=text("0"))
    attempts: Mapped[SmallInt] = mapped_column(server_default=text("0"))
    max_attempts: Mapped[SmallInt] = mapped_column(server_default=text("20"))
    isolated: Mapped[bool] = mapped_column(server_default=text("false"))
    run_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    lease_until: Mapped[datetime | None]
    payload: Mapped[JsonObject] = mapped_column(server_default=text("'{}'"))
    dedupe_key: Mapped[str | None]
    concurrency_key: Mapped[str | None]
    profile_id: Mapped[UUID | None] = mapped_column(ForeignKey(Profile.id, ondelete="SET NULL"))
    schedule: Mapped[str | None]
    due_at: Mapped[datetime | None]
    progress: Mapped[JsonObject | None]
    result: Mapped[JsonObject | None]
    last_error: Mapped[str | None]
    created_at: Mapped[CreatedAt]
    finished_at: Mapped[datetime | None]
    unavailable_since: Mapped[datetime | None]
    cause_id: Mapped[UUID | None]
    batch_limit: Mapped[SmallInt] = mapped_column(server_default=text("1"))
    deaths: Mapped[SmallInt] = mapped_column(server_default=text("0"))


class JobAttempt(Base):
    """A failed attempt and its error; a success adds no row."""

    __tablename__ = "job_attempts"
    __table_args__ = (Index("job_attempts_job", "job_id"),)

    id: Mapped[Id]
    job_id: Mapped[UUID] = mapped_column(ForeignKey(Job.id, ondelete="CASCADE"))
    lease_version: Mapped[int]
    error: Mapped[str]
    finished_at: Mapped[CreatedAt]


class Schedule(Base):
    """A job that comes again after each interval."""

    __tablename__ = "schedules"

    name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    payload: Mapped[JsonObject] = mapped_column(server_default=text("'{}'"))
    every: Mapped[timedelta]
    next_due_at: Mapped[CreatedAt]
    paused_at: Mapped[datetime | None]
