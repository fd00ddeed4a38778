"""Follow background jobs. The event stream is asynchronous, so an open stream takes no thread."""

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
from api.refusals import refuses
from api.schemas.jobs import JobOut
from core.identity import Identity
from core.jobs.view import QUERY, JobView, job_for, parameters, shown
from core.problems import NotFound
from db.queries import query

router = APIRouter(prefix="/jobs", tags=["jobs"])

_POLL_SECONDS: Final = 0.25
# A stream ends after so many polls, about five minutes; a browser's EventSource then reconnects by itself.
_MAX_POLLS: Final = 1200
# A stream ends within two seconds after its session, or after the role or the second factor that opened it.
_SESSION_POLLS: Final = 8
_OPEN_SESSION: Final = b"""
select from app.sessions s join app.profiles p on p.id = s.profile_id
where s.id = %s and s.ended_at is null and p.role = %s and s.aal >= %s
"""

_STATEMENT: Final = str(query(QUERY).compile(dialect=postgresql.psycopg.dialect())).encode()


@router.get("/{job_id}", operation_id="jobs.get")
@refuses(NotFound)
def get_job(job_id: UUID, session: SessionDep, caller: Caller) -> JobOut:
    """The caller's own job; an operator can read every job."""
    return JobOut.of(job_for(session, job_id, caller))


async def _read(pool: AsyncPool, job_id: UUID, reader: Identity) -> JobView:
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_STATEMENT, parameters(job_id, reader), prepare=True)
        return shown(await cursor.fetchone(), job_id)


async def _is_signed_in(pool: AsyncPool, reader: Identity) -> bool:
    async with pool.connection() as connection:
        found = await connection.execute(_OPEN_SESSION, [reader.session_id, reader.role, reader.aal], prepare=True)
        return found.rowcount == 1


async def _first_read(job_id: UUID, request: Request, caller: Caller) -> JobView:
    """Raises NotFound before the stream's status line is sent."""
    return await _read(app_state_of(request).pool, job_id, caller)


@router.get("/{job_id}/events", response_class=EventSourceResponse, operation_id="jobs.stream")
@refuses(NotFound)
async def get_job_events(
    request: Request, caller: Caller, job: Annotated[JobView, Depends(_first_read)]
) -> AsyncGenerator[ServerSentEvent, None]:
    """The job now and after each change, as server-sent events `job`; the event `finished` ends the stream."""
    yield _event(job)
    async for changed in _changes(app_state_of(request).pool, job, caller):
        yield _event(changed)


async def _changes(pool: AsyncPool, job: JobView, reader: Identity) -> AsyncGenerator[JobView, None]:
    for poll in range(_MAX_POLLS):
        if job.finished or (poll % _SESSION_POLLS == 0 and not await _is_signed_in(pool, reader)):
            return
        await asyncio.sleep(_POLL_SECONDS)
        try:
            found = await _read(pool, job.id, reader)
        except NotFound:
            # The job was finished and pruned.
            return
        if found != job:
            job = found
            yield job


def _event(job: JobView) -> ServerSentEvent:
    data: Any = JobOut.of(job)
    return ServerSentEvent(event="finished" if job.finished else "job", data=data)
