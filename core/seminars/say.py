"""What people say and show in a room by the API: attendees may send nothing by themselves."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from core.ports.errors import GatewayError
from core.ports.rooms import RoomGateway
from core.seminars.enter import RETRY_AFTER, RoomUnavailable, announced_seminar
from core.seminars.entitled import RoomRefused, entry
from core.seminars.rooms import room_name
from db.models import Profile

Topic = Literal["chat", "hand"]


@dataclass(frozen=True, slots=True)
class Saying:
    """A message to everyone in a room."""

    room: str
    topic: Topic
    text: str

    def make(self, rooms: RoomGateway) -> None:
        """Send it. Raises RoomUnavailable, also when nobody is there."""
        try:
            rooms.send(self.room, self.topic, self.text)
        except GatewayError as error:
            raise RoomUnavailable("Try again in a moment.", retry_after=RETRY_AFTER) from error


def prepare_saying(
    session: Session, seminar_id: UUID, profile_id: UUID, topic: Topic, said: dict[str, object], now: datetime
) -> Saying:
    """The message, with who says it. Raises NotFound, RoomRefused."""
    seminar = announced_seminar(session, seminar_id, profile_id)
    role = entry(session, seminar, profile_id, now)
    if isinstance(role, RoomRefused):
        raise role
    name = session.get_one(Profile, profile_id).display_name
    text = orjson.dumps({"from": str(profile_id), "name": name, **said}).decode()
    return Saying(room_name(seminar), topic, text)
