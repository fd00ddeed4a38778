"""Seats at seminars: one's own."""

from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import Caller, ClockDep, SessionDep, SettingsDep
from api.idempotency import Idempotency
from api.pages import NewestPage, Page, page_of
from api.refusals import refuses
from api.schemas.seminars import OwnSeatOut, SeatOut
from core.calendars import calendar_of
from core.offers.seats import SeatsFull
from core.problems import NotFound
from core.seminars import seats
from core.seminars.calendar import calendar_seminars
from core.seminars.problems import SeatNotFree, SeatPaid, SeatsLeft, SeminarStateConflict
from core.seminars.queries import own_seats

router = APIRouter(tags=["seminars"])


@router.get("/me/seminars", operation_id="seats.list")
def get_own_seats(session: SessionDep, caller: Caller, page: NewestPage) -> Page[OwnSeatOut]:
    """The caller's seats and places on waitlists, newest first."""
    return page_of(own_seats(session, caller.profile_id, page), OwnSeatOut.of)


@router.get(
    "/me/calendar.ics",
    operation_id="seats.calendar",
    response_class=Response,
    responses={200: {"content": {"text/calendar": {"schema": {"type": "string"}}}, "description": "An iCalendar."}},
)
def get_calendar(session: SessionDep, caller: Caller, clock: ClockDep, settings: SettingsDep) -> Response:
    """The caller's seminars as iCalendar (RFC 5545): with a seat, or taught."""
    seminars = calendar_seminars(session, caller.profile_id, clock())
    return Response(calendar_of(seminars, settings.public_url), media_type="text/calendar; charset=utf-8")


@router.post("/seminars/{seminar_id}/seat", response_model=SeatOut, operation_id="seats.take")
@refuses(NotFound, SeatNotFree, SeatsFull, SeminarStateConflict)
def post_seat(
    seminar_id: UUID, session: SessionDep, caller: Caller, idempotency: Idempotency, clock: ClockDep
) -> Response:
    """Take a seat without paying, as a guest or a learner of the seminar's course; others place an order."""
    return idempotency(200, lambda: SeatOut.of(seats.take(session, seminar_id, caller.profile_id, clock())))


@router.delete("/seminars/{seminar_id}/seat", status_code=204, operation_id="seats.give_up")
@refuses(NotFound, SeatPaid)
def delete_seat(seminar_id: UUID, session: SessionDep, caller: Caller, idempotency: Idempotency) -> Response:
    """Give up a seat that was not paid for, an offer, or a place on the waitlist."""
    return idempotency(204, lambda: seats.give_up(session, seminar_id, caller.profile_id))


@router.post("/seminars/{seminar_id}/waitlist", response_model=SeatOut, operation_id="seats.wait")
@refuses(NotFound, SeatsLeft, SeminarStateConflict)
def post_waitlist(
    seminar_id: UUID, session: SessionDep, caller: Caller, idempotency: Idempotency, clock: ClockDep
) -> Response:
    """Join the waitlist of a full seminar. When a seat is free, the first gets an offer by email, for a time."""
    return idempotency(200, lambda: SeatOut.of(seats.wait(session, seminar_id, caller.profile_id, clock())))
