from typing import Annotated
from uuid import UUID

from pydantic import Field

from core.inputs import Input
from core.seminars.leading import GivenRole
from core.text import Line


class RoleInput(Input):
    """What a person is at a seminar from now on."""

    role: GivenRole = Field(description="A co-host leads too, a speaker is seen and heard, an attendee sees and hears.")


class BanInput(Input):
    """Whom to send out."""

    profile_id: UUID


class RoomMessage(Input):
    """What everyone in the room reads."""

    text: Annotated[Line, Field(min_length=1, max_length=500, description="One line.", examples=["Good evening!"])]


class HandInput(Input):
    """Whether the caller's hand is raised."""

    raised: Annotated[bool, Field(strict=True, description="Whether the hand is raised.")]
