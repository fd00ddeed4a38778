from pydantic import Field

from api.schemas.base import Schema, Time
from core.inputs import Input


class NewTicket(Input):
    """The stream to follow."""

    path: str = Field(description="`/orders/{id}/events` or `/jobs/{id}/events`.", max_length=200)


class TicketOut(Schema):
    """A ticket for one stream."""

    ticket: str
    url: str = Field(description="The path with the ticket, for `new EventSource(…)`.")
    expires_at: Time
