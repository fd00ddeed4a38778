"""Kinds of jobs and the queues that they travel through."""

from fastapi import APIRouter, Response

from api.deps import ClockDep, SessionDep
from api.idempotency import Idempotency
from api.refusals import refuses
from api.routes.admin.access import Operator
from api.schemas.admin.base import Action
from api.schemas.admin.jobs import KindOut, NewLimits, QueueOut
from core.console.jobs import kind_view, kinds, queue_view, queues
from core.jobs import control
from core.problems import NotFound

router = APIRouter()


@router.get("/kinds", operation_id="admin.kinds.list")
def list_kinds(session: SessionDep) -> list[KindOut]:
    """Every kind of jobs, with its limits and counts."""
    return [KindOut.model_validate(kind) for kind in kinds(session)]


@router.post("/kinds/{kind}/pause", response_model=KindOut, operation_id="admin.kinds.pause")
@refuses(NotFound)
def pause_kind(
    kind: str, body: Action, session: SessionDep, operator: Operator, idempotency: Idempotency, clock: ClockDep
) -> Response:
    """Start no further jobs of the kind until it is resumed; a pause stays through releases."""

    def work() -> KindOut:
        names = [kind_view(session, kind).kind]
        control.pause(session, names, clock(), actor_id=operator.profile_id, reason=body.reason)
        return KindOut.model_validate(kind_view(session, kind))

    return idempotency(200, work)


@router.post("/kinds/{kind}/resume", response_model=KindOut, operation_id="admin.kinds.resume")
@refuses(NotFound)
def resume_kind(kind: str, body: Action, session: SessionDep, operator: Operator, idempotency: Idempotency) -> Response:
    """Start jobs of the kind again."""

    def work() -> KindOut:
        names = [kind_view(session, kind).kind]
        control.resume(session, names, actor_id=operator.profile_id, reason=body.reason)
        return KindOut.model_validate(kind_view(session, kind))

    return idempotency(200, work)


@router.put("/kinds/{kind}/limits", response_model=KindOut, operation_id="admin.kinds.limit")
@refuses(NotFound)
def put_limits(
    kind: str, body: NewLimits, session: SessionDep, operator: Operator, idempotency: Idempotency
) -> Response:
    """Limit how many jobs of the kind run at once; the limits stay through releases."""

    def work() -> KindOut:
        name = kind_view(session, kind).kind
        control.set_limits(session, name, body.limits(), actor_id=operator.profile_id, reason=body.reason)
        return KindOut.model_validate(kind_view(session, kind))

    return idempotency(200, work)


@router.get("/queues", operation_id="admin.queues.list")
def list_queues(session: SessionDep) -> list[QueueOut]:
    """Every queue, with its kinds."""
    return [QueueOut.model_validate(queue) for queue in queues(session)]


@router.post("/queues/{queue}/pause", response_model=QueueOut, operation_id="admin.queues.pause")
@refuses(NotFound)
def pause_queue(
    queue: str, body: Action, session: SessionDep, operator: Operator, idempotency: Idempotency, clock: ClockDep
) -> Response:
    """Pause every kind of the queue."""

    def work() -> QueueOut:
        names = queue_view(session, queue).names
        control.pause(session, names, clock(), actor_id=operator.profile_id, reason=body.reason)
        return QueueOut.model_validate(queue_view(session, queue))

    return idempotency(200, work)


@router.post("/queues/{queue}/resume", response_model=QueueOut, operation_id="admin.queues.resume")
@refuses(NotFound)
def resume_queue(
    queue: str, body: Action, session: SessionDep, operator: Operator, idempotency: Idempotency
) -> Response:
    """Resume every kind of the queue."""

    def work() -> QueueOut:
        names = queue_view(session, queue).names
        control.resume(session, names, actor_id=operator.profile_id, reason=body.reason)
        return QueueOut.model_validate(queue_view(session, queue))

    return idempotency(200, work)
