"""Replays of many events or jobs."""

from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import ClockDep, SessionDep
from api.idempotency import Idempotency
from api.pages import NewestPage, Page, page_of
from api.refusals import refuses
from api.routes.admin.access import Operator
from api.schemas.admin.base import Action
from api.schemas.admin.replays import PreviewOut, ReplayOut, ReplayRequest
from core.problems import NotFound
from core.replays.control import cancel_replay, pause_replay, replay_of, replays, resume_replay
from core.replays.problems import ReplayEnded, ReplayUnconfirmed
from core.replays.start import preview, start

router = APIRouter(prefix="/replays")


@router.post(
    "",
    status_code=201,
    response_model=ReplayOut,
    responses={200: {"model": PreviewOut, "description": "A dry run; nothing was changed."}},
    operation_id="admin.replays.start",
)
@refuses(ReplayUnconfirmed)
def post_replay(body: ReplayRequest, session: SessionDep, operator: Operator, idempotency: Idempotency) -> Response:
    """Replay all that match a filter, a part at a time; more than 100 need the `expected_count` of a dry run."""
    if body.dry_run:
        return idempotency(200, lambda: PreviewOut.model_validate(preview(session, body)))
    return idempotency(
        201,
        lambda: ReplayOut.model_validate(start(session, body, actor_id=operator.profile_id)),
        location=lambda replay: f"/admin/replays/{replay.id}",
    )


@router.get("", operation_id="admin.replays.list")
def list_replays(session: SessionDep, page: NewestPage) -> Page[ReplayOut]:
    """Replays of many, the newest first."""
    return page_of(replays(session, page), ReplayOut.model_validate)


@router.get("/{replay_id}", operation_id="admin.replays.get")
@refuses(NotFound)
def get_replay(replay_id: UUID, session: SessionDep) -> ReplayOut:
    """One replay and its progress."""
    return ReplayOut.model_validate(replay_of(session, replay_id))


@router.post("/{replay_id}/pause", response_model=ReplayOut, operation_id="admin.replays.pause")
@refuses(NotFound, ReplayEnded)
def pause_one_replay(
    replay_id: UUID, body: Action, session: SessionDep, operator: Operator, idempotency: Idempotency
) -> Response:
    """Replay nothing more until it is resumed."""
    actor = operator.profile_id
    return idempotency(
        200,
        lambda: ReplayOut.model_validate(pause_replay(session, replay_id, actor_id=actor, reason=body.reason)),
    )


@router.post("/{replay_id}/resume", response_model=ReplayOut, operation_id="admin.replays.resume")
@refuses(NotFound, ReplayEnded)
def resume_one_replay(
    replay_id: UUID, body: Action, session: SessionDep, operator: Operator, idempotency: Idempotency, clock: ClockDep
) -> Response:
    """Go on after what was replayed."""
    actor = operator.profile_id
    return idempotency(
        200,
        lambda: ReplayOut.model_validate(
            resume_replay(session, replay_id, clock(), actor_id=actor, reason=body.reason)
        ),
    )


@router.post("/{replay_id}/cancel", response_model=ReplayOut, operation_id="admin.replays.cancel")
@refuses(NotFound, ReplayEnded)
def cancel_one_replay(
    replay_id: UUID, body: Action, session: SessionDep, operator: Operator, idempotency: Idempotency, clock: ClockDep
) -> Response:
    """End the replay; what was replayed stays replayed."""
    actor = operator.profile_id
    return idempotency(
        200,
        lambda: ReplayOut.model_validate(
            cancel_replay(session, replay_id, clock(), actor_id=actor, reason=body.reason)
        ),
    )
