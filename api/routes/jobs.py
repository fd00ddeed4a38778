"""Following background work. The event stream is asynchronous: a hundred open ones take no thread."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from psycopg.rows import dict_row
from sqlalchemy.dialects import postgresql

from api.app_state import app_state_of
from api.deps import Caller, SessionDep
from api.pool import AsyncPool
from api.schemas.jobs import JobOut
from core.identity import Identity
from core.jobs.view import QUERY, JobView, job_for, parameters, shown
from core.problems import NotFound
from db.queries import query

router = APIRouter(prefix="/jobs", tags=["jobs"])

_POLL_SECONDS: Final = 0.25
# A stream ends after so many looks, about five minutes; a browser's EventSource opens the next by itself.
_LOOKS: Final = 1200

_LOOK: Final = str(query(QUERY).compile(dialect=postgresql.psycopg.dialect())).encode()


@router.get("/{job_id}")
def get_job(job_id: UUID, session: SessionDep, caller: Caller) -> JobOut:
    """A job of the caller's own; an operator sees every job."""
    return JobOut.of(job_for(session, job_id, caller))


async def _look(pool: AsyncPool, job_id: UUID, reader: Identity) -> JobView:
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_LOOK, parameters(job_id, reader), prepare=True)
        return shown(await cursor.fetchone(), job_id)


async def _first_look(job_id: UUID, request: Request, caller: Caller) -> JobView:
    """Refuses, where it must, before the stream's state is sent."""
    return await _look(app_state_of(request).pool, job_id, caller)


@router.get("/{job_id}/events", response_class=EventSourceResponse)
async def get_job_events(
    request: Request, caller: Caller, job: Annotated[JobView, Depends(_first_look)]
) -> AsyncGenerator[ServerSentEvent, None]:
    """The job now and after each change, as server-sent events `job`; the last one, `finished`, ends the stream."""
    yield _event(job)
    async for changed in _changes(app_state_of(request).pool, job, caller):
        yield _event(changed)


async def _changes(pool: AsyncPool, job: JobView, reader: Identity) -> AsyncGenerator[JobView, None]:
    for _ in range(_LOOKS):
        if job.finished:
            return
        await asyncio.sleep(_POLL_SECONDS)
        try:
            found = await _look(pool, job.id, reader)
        except NotFound:
            # It was finished long ago, and has been pruned.
            return
        if found != job:
            job = found
            yield job


def _event(job: JobView) -> ServerSentEvent:
    data: Any = JobOut.of(job)
    return ServerSentEvent(event="finished" if job.finished else "job", data=data)
