from fastapi import APIRouter, Response

from api.deps import ClockDep, SessionDep
from api.idempotency import Idempotency
from api.refusals import refuses
from api.routes.admin.access import Operator
from api.schemas.admin.base import Action
from api.schemas.admin.jobs import ScheduleOut
from core.console.schedules import schedule_view, schedules
from core.jobs.schedule_control import SchedulePaused, pause_schedule, resume_schedule, run_schedule_now
from core.problems import NotFound

router = APIRouter(prefix="/schedules")


@router.get("", operation_id="admin.schedules.list")
def list_schedules(session: SessionDep) -> list[ScheduleOut]:
    """Every schedule, with its last job and when the next one is due."""
    return [ScheduleOut.model_validate(one) for one in schedules(session)]


@router.post("/{name}/pause", response_model=ScheduleOut, operation_id="admin.schedules.pause")
@refuses(NotFound)
def pause_one_schedule(
    name: str, body: Action, session: SessionDep, operator: Operator, idempotency: Idempotency, clock: ClockDep
) -> Response:
    """Enqueue no more jobs of the schedule until it is resumed."""

    def work() -> ScheduleOut:
        pause_schedule(session, name, clock(), actor_id=operator.profile_id, reason=body.reason)
        return ScheduleOut.model_validate(schedule_view(session, name))

    return idempotency(200, work)


@router.post("/{name}/resume", response_model=ScheduleOut, operation_id="admin.schedules.resume")
@refuses(NotFound)
def resume_one_schedule(
    name: str, body: Action, session: SessionDep, operator: Operator, idempotency: Idempotency
) -> Response:
    """Enqueue the schedule's jobs again; one makes up for all that were missed."""

    def work() -> ScheduleOut:
        resume_schedule(session, name, actor_id=operator.profile_id, reason=body.reason)
        return ScheduleOut.model_validate(schedule_view(session, name))

    return idempotency(200, work)


@router.post("/{name}/run-now", response_model=ScheduleOut, operation_id="admin.schedules.run_now")
@refuses(NotFound, SchedulePaused)
def run_one_schedule_now(
    name: str, body: Action, session: SessionDep, operator: Operator, idempotency: Idempotency, clock: ClockDep
) -> Response:
    """Make the schedule due: its job is enqueued within seconds, if it has work."""

    def work() -> ScheduleOut:
        run_schedule_now(session, name, clock(), actor_id=operator.profile_id, reason=body.reason)
        return ScheduleOut.model_validate(schedule_view(session, name))

    return idempotency(200, work)
