from uuid import UUID

from pydantic import Field

from api.schemas.base import Schema, Time
from core.inputs import Input
from core.ports.rooms import RoomRole


class NewRoomToken(Input):
    """Which seminar to enter."""

    seminar_id: UUID


class RoomTokenOut(Schema):
    """What a LiveKit client enters a room with."""

    url: str = Field(description="Where LiveKit is.", examples=["wss://live.aula.example"])
    token: str = Field(description="For the client's `connect`.")
    room: str = Field(description="The room's name.", examples=["seminar-0199f1a2-7c40-7d3e-8a51-3c5b9d2e4f60"])
    role: RoomRole = Field(description="A host may speak and lead; an attendee sees and hears.")
    expires_at: Time = Field(description="Enter before then; a connection stays open longer.")
