from typing import Final

from pydantic import Field

from api.schemas.base import Schema, Time
from core.inputs import Input

_PATH: Final = "/orders/01990000-0000-7000-8000-000000000001/events"
_TICKET: Final = "eyJhbGciOiJIUzI1NiJ9.e30.c2ln"


class NewTicket(Input):
    """The stream to follow."""

    path: str = Field(description="`/orders/{id}/events` or `/jobs/{id}/events`.", max_length=200, examples=[_PATH])


class TicketOut(Schema):
    """A ticket for one stream."""

    ticket: str = Field(description="Valid for one stream and a minute.", examples=[_TICKET])
    url: str = Field(
        description="The path with the ticket, for `new EventSource(…)`.", examples=[f"{_PATH}?ticket={_TICKET}"]
    )
    expires_at: Time
