"""In the room of a seminar: what those who lead it do, and what everybody says."""

from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import Caller, ClockDep, SessionDep, SessionsDep
from api.gateways import RoomGatewayDep
from api.idempotency import Idempotency
from api.limits import AttemptLimit
from api.refusals import refuses
from api.schemas.rooms import BanInput, HandInput, RoleInput, RoomMessage
from core.problems import NotFound
from core.seminars import leading
from core.seminars.enter import RoomUnavailable
from core.seminars.entitled import RoomRefused
from core.seminars.problems import HelperLimit, LeaderProtected
from core.seminars.say import prepare_saying

router = APIRouter(prefix="/seminars/{seminar_id}", tags=["seminars"])


@router.put("/roles/{profile_id}", status_code=204, operation_id="rooms.give_role")
@refuses(HelperLimit, LeaderProtected, NotFound)
def put_role(
    seminar_id: UUID, profile_id: UUID, body: RoleInput, session: SessionDep, caller: Caller, idempotency: Idempotency
) -> Response:
    """Let a person speak or lead, or be an attendee again. For the teacher; co-hosts choose who speaks."""
    return idempotency(204, lambda: leading.give_role(session, seminar_id, caller.profile_id, profile_id, body.role))


@router.post("/participants/{profile_id}/mute", status_code=204, operation_id="rooms.mute")
@refuses(NotFound)
def post_mute(
    seminar_id: UUID, profile_id: UUID, session: SessionDep, caller: Caller, idempotency: Idempotency
) -> Response:
    """Mute a person's microphones, as the teacher or a co-host; the person may turn them on again."""
    return idempotency(204, lambda: leading.mute(session, seminar_id, caller.profile_id, profile_id))


@router.post("/bans", status_code=204, operation_id="rooms.ban")
@refuses(LeaderProtected, NotFound)
def post_ban(
    seminar_id: UUID, body: BanInput, session: SessionDep, caller: Caller, idempotency: Idempotency
) -> Response:
    """Send a person out for good, as the teacher or a co-host. Their seat stays theirs."""
    return idempotency(204, lambda: leading.ban(session, seminar_id, caller.profile_id, body.profile_id))


@router.delete("/bans/{profile_id}", status_code=204, operation_id="rooms.unban")
@refuses(NotFound)
def delete_ban(
    seminar_id: UUID, profile_id: UUID, session: SessionDep, caller: Caller, idempotency: Idempotency
) -> Response:
    """Let a person come back who was sent out."""
    return idempotency(204, lambda: leading.unban(session, seminar_id, caller.profile_id, profile_id))


@router.post("/messages", status_code=204, operation_id="rooms.say")
@refuses(NotFound, RoomRefused, RoomUnavailable)
def post_message(
    seminar_id: UUID,
    body: RoomMessage,
    sessions: SessionsDep,
    caller: Caller,
    limit: AttemptLimit,
    clock: ClockDep,
    rooms: RoomGatewayDep,
) -> None:
    """Say something to everyone in the room. It is not stored."""
    limit.person("chat", caller.profile_id)
    with sessions.begin() as session:
        saying = prepare_saying(session, seminar_id, caller.profile_id, "chat", {"text": body.text}, clock())
    saying.make(rooms)


@router.put("/hand", status_code=204, operation_id="rooms.raise_hand")
@refuses(NotFound, RoomRefused, RoomUnavailable)
def put_hand(
    seminar_id: UUID,
    body: HandInput,
    sessions: SessionsDep,
    caller: Caller,
    limit: AttemptLimit,
    clock: ClockDep,
    rooms: RoomGatewayDep,
) -> None:
    """Raise a hand for everyone in the room to see, or lower it."""
    limit.person("hand", caller.profile_id)
    with sessions.begin() as session:
        saying = prepare_saying(session, seminar_id, caller.profile_id, "hand", {"raised": body.raised}, clock())
    saying.make(rooms)
