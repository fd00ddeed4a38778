"""Tickets for event streams in browsers."""

from fastapi import APIRouter

from api.deps import Caller, ClockDep, SessionDep, SettingsDep
from api.followed import topic_of
from api.refusals import refuses
from api.schemas.streams import NewTicket, TicketOut
from core.accounts.tickets import LIFETIME, issue_ticket
from core.problems import NotFound

router = APIRouter(prefix="/streams", tags=["streams"])


@router.post("/tickets", status_code=201, operation_id="streams.issue_ticket")
@refuses(NotFound)
def issue_stream_ticket(
    body: NewTicket, caller: Caller, session: SessionDep, settings: SettingsDep, clock: ClockDep
) -> TicketOut:
    """A ticket with which a browser's EventSource opens one stream within a minute, while the session is open."""
    now = clock()
    topic_of(body.path).read(session, caller, now)
    ticket = issue_ticket(settings, caller, body.path, now + LIFETIME)
    return TicketOut(ticket=ticket, url=f"{body.path}?ticket={ticket}", expires_at=now + LIFETIME)
