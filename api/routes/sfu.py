"""Tokens for the rooms of live seminars."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy.orm import Session, sessionmaker

from api.deps import Caller, ClockDep, SessionsDep, SettingsDep
from api.gateways import RoomGatewayDep
from api.limits import AttemptLimit
from api.refusals import refuses
from api.schemas.sfu import NewRoomToken, RoomTokenOut
from core.ports.rooms import RoomGateway
from core.problems import NotFound
from core.seminars.enter import Admission, RoomUnavailable, admit, has_room, refuse_full
from core.seminars.entitled import RoomRefused
from core.wiring.gateways import room_tokens

router = APIRouter(prefix="/sfu", tags=["seminars"])


@router.post("/token", operation_id="seminars.enter")
@refuses(NotFound, RoomRefused, RoomUnavailable)
def post_token(
    body: NewRoomToken,
    caller: Caller,
    sessions: SessionsDep,
    limit: AttemptLimit,
    settings: SettingsDep,
    clock: ClockDep,
    rooms: RoomGatewayDep,
) -> RoomTokenOut:
    """A token for the room of a seminar, for its teacher and those with a seat, from 15 minutes before the start.

    Each answer and refusal is in the audit log; `reason` says why one is refused.
    """
    limit.person("sfu", caller.profile_id)
    now = clock()
    admission = _enter(sessions, rooms, body.seminar_id, caller.profile_id, now)
    token, grant = room_tokens(settings).sign(admission.grant), admission.grant
    return RoomTokenOut(
        url=settings.livekit_url, token=token, room=grant.room, role=grant.role, expires_at=now + grant.life
    )


def _enter(
    sessions: sessionmaker[Session], rooms: RoomGateway, seminar_id: UUID, profile_id: UUID, now: datetime
) -> Admission:
    """The room is asked between two transactions, while no connection is held."""
    with sessions.begin() as session:
        admission = admit(session, seminar_id, profile_id, now)
    if isinstance(admission, RoomRefused):
        raise admission
    if not has_room(admission, rooms):
        with sessions.begin() as session:
            refusal = refuse_full(session, seminar_id, profile_id)
        raise refusal
    return admission
