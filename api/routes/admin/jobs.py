from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from api.deps import SessionDep
from api.idempotency import Idempotency, IdempotentTransaction
from api.pages import Page, page_of
from api.refusals import refuses
from api.routes.admin.access import Operator
from api.schemas.admin.base import Action
from api.schemas.admin.jobs import AdminJobOut, JobsQuery, JobWithAttemptsOut
from core.console.jobs import job_with_attempts, jobs
from core.jobs import control
from core.problems import NotFound
from core.wiring.handlers import DEAD_JOB_HANDLERS

router = APIRouter(prefix="/jobs")


@router.get("", operation_id="admin.jobs.list")
def list_jobs(session: SessionDep, query: Annotated[JobsQuery, Query()]) -> Page[AdminJobOut]:
    """Background jobs, the newest first."""
    return page_of(jobs(session, query, query.page), AdminJobOut.of)


@router.get("/{job_id}", operation_id="admin.jobs.get")
@refuses(NotFound)
def get_admin_job(job_id: UUID, session: SessionDep) -> JobWithAttemptsOut:
    """One background job, with its payload and its failed attempts."""
    return JobWithAttemptsOut.shown(job_with_attempts(session, job_id))


@router.post("/{job_id}/cancel", response_model=AdminJobOut, operation_id="admin.jobs.cancel")
@refuses(NotFound)
def cancel_job(
    job_id: UUID, body: Action, session: SessionDep, operator: Operator, idempotency: Idempotency
) -> Response:
    """Cancel an unfinished job; a finished one stays as it is and is answered."""

    def act() -> None:
        control.cancel(session, DEAD_JOB_HANDLERS, [job_id], actor_id=operator.profile_id, reason=body.reason)

    return _acted(session, idempotency, job_id, act)


@router.post("/{job_id}/replay", response_model=AdminJobOut, operation_id="admin.jobs.replay")
@refuses(NotFound)
def replay_job(
    job_id: UUID, body: Action, session: SessionDep, operator: Operator, idempotency: Idempotency
) -> Response:
    """Run a finished job again from the beginning; an unfinished one stays as it is and is answered."""

    def act() -> None:
        control.replay(session, [job_id], actor_id=operator.profile_id, reason=body.reason)

    return _acted(session, idempotency, job_id, act)


@router.post("/{job_id}/run-now", response_model=AdminJobOut, operation_id="admin.jobs.run_now")
@refuses(NotFound)
def run_job_now(
    job_id: UUID, body: Action, session: SessionDep, operator: Operator, idempotency: Idempotency
) -> Response:
    """Make a job due that waits for a later time; any other stays as it is and is answered."""

    def act() -> None:
        control.run_now(session, [job_id], actor_id=operator.profile_id, reason=body.reason)

    return _acted(session, idempotency, job_id, act)


def _acted(session: Session, idempotency: IdempotentTransaction, job_id: UUID, act: Callable[[], None]) -> Response:
    def work() -> AdminJobOut:
        job, _ = job_with_attempts(session, job_id)
        act()
        session.refresh(job)
        return AdminJobOut.of(job)

    return idempotency(200, work)
