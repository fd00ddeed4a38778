"""Follow background jobs."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from api.deps import Caller, ClockDep, SessionDep
from api.event_stream import EventStream, StreamReader, open_stream
from api.followed import Topic
from api.refusals import refuses
from api.schemas.jobs import JobOut
from api.streams import StreamsFull, TooManyStreams
from core.jobs.view import job_for
from core.problems import NotFound

router = APIRouter(prefix="/jobs", tags=["jobs"])


@router.get("/{job_id}", operation_id="jobs.get")
@refuses(NotFound)
def get_job(job_id: UUID, session: SessionDep, caller: Caller) -> JobOut:
    """The caller's own job; an operator can read every job."""
    return JobOut.of(job_for(session, job_id, caller))


@router.get("/{job_id}/events", response_class=EventStream, operation_id="jobs.stream")
@refuses(NotFound, TooManyStreams, StreamsFull)
def get_job_events(
    job_id: UUID, request: Request, reader: StreamReader, session: SessionDep, clock: ClockDep
) -> Response:
    """The job now and after each change, as server-sent events `job`; the event `finished` ends the stream."""
    topic = Topic("job", job_id)
    return open_stream(request, topic, reader, topic.read(session, reader, clock()))
