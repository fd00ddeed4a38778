"""Seminars: their teachers' view, and the public list."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.deps import ClockDep, OptionalCaller, SessionDep, TeacherCaller, get_teacher, required
from api.idempotency import Idempotency
from api.pages import NewestPage, Page, page_of
from api.refusals import refuses
from api.schemas.seminars import (
    CancellationInput,
    CancellationOut,
    CancellationProgressOut,
    GuestOut,
    NewGuest,
    ParticipantOut,
    SeminarOut,
    SeriesOut,
    StayOut,
)
from core.offers.prices import PriceNotAllowed
from core.problems import Forbidden, NotFound
from core.seminars import authoring, guests, queries
from core.seminars.cancel import cancel, progress_of
from core.seminars.inputs import SeminarDraft, SeminarEdit, SeriesDraft
from core.seminars.problems import CapacityTooSmall, GuestLimit, SeminarStateConflict, TimesNotAllowed

router = APIRouter(prefix="/seminars", tags=["seminars"])

Mine = Annotated[bool, Query(description="Only the caller's own seminars, in every state; for teachers.")]


@router.get("", operation_id="seminars.list")
@refuses(Forbidden)
def get_seminars(
    session: SessionDep, caller: OptionalCaller, page: NewestPage, clock: ClockDep, *, mine: Mine = False
) -> Page[SeminarOut]:
    """Seminars to come, the next one first; the teacher's own with the newest first."""
    rows = (
        queries.teacher_seminars(session, get_teacher(required(caller)).profile_id, page)
        if mine
        else queries.coming_seminars(session, clock(), page)
    )
    return page_of(rows, SeminarOut.of)


@router.post("", status_code=201, response_model=SeminarOut, operation_id="seminars.create")
@refuses(NotFound, PriceNotAllowed, TimesNotAllowed)
def post_seminar(
    body: SeminarDraft, session: SessionDep, teacher: TeacherCaller, idempotency: Idempotency, clock: ClockDep
) -> Response:
    """Create a seminar; it is not announced yet."""
    return idempotency(
        201,
        lambda: SeminarOut.of(authoring.create(session, teacher.profile_id, body, clock())),
        location=lambda seminar: f"/seminars/{seminar.id}",
    )


@router.post("/series", status_code=201, response_model=SeriesOut, operation_id="seminars.create_series")
@refuses(NotFound, PriceNotAllowed, TimesNotAllowed)
def post_series(
    body: SeriesDraft, session: SessionDep, teacher: TeacherCaller, idempotency: Idempotency, clock: ClockDep
) -> Response:
    """Create a seminar for each week, at the same time of day in Stockholm; none is announced yet."""

    def work() -> SeriesOut:
        made = authoring.create_series(session, teacher.profile_id, body, clock())
        return SeriesOut(items=[SeminarOut.of(seminar) for seminar in made])

    return idempotency(201, work)


@router.get("/{seminar_id}", operation_id="seminars.get")
@refuses(NotFound)
def get_seminar(seminar_id: UUID, session: SessionDep, caller: OptionalCaller) -> SeminarOut:
    """A seminar that was announced, or the teacher's own."""
    return SeminarOut.of(queries.visible_seminar(session, seminar_id, caller and caller.profile_id))


@router.patch("/{seminar_id}", response_model=SeminarOut, operation_id="seminars.change")
@refuses(CapacityTooSmall, NotFound, PriceNotAllowed, SeminarStateConflict, TimesNotAllowed)
def patch_seminar(
    seminar_id: UUID,
    body: SeminarEdit,
    session: SessionDep,
    teacher: TeacherCaller,
    idempotency: Idempotency,
    clock: ClockDep,
) -> Response:
    """Change the teacher's own seminar. Those with a seat get an email about another time."""
    return idempotency(
        200, lambda: SeminarOut.of(authoring.edit(session, teacher.profile_id, seminar_id, body, clock()))
    )


@router.post("/{seminar_id}/publish", response_model=SeminarOut, operation_id="seminars.publish")
@refuses(NotFound, PriceNotAllowed, SeminarStateConflict, TimesNotAllowed)
def publish_seminar(
    seminar_id: UUID, session: SessionDep, teacher: TeacherCaller, idempotency: Idempotency, clock: ClockDep
) -> Response:
    """Announce the teacher's own seminar."""
    return idempotency(200, lambda: SeminarOut.of(authoring.publish(session, teacher.profile_id, seminar_id, clock())))


@router.post("/{seminar_id}/cancel", status_code=202, response_model=CancellationOut, operation_id="seminars.cancel")
@refuses(NotFound, SeminarStateConflict)
def cancel_seminar(
    seminar_id: UUID,
    body: CancellationInput,
    session: SessionDep,
    teacher: TeacherCaller,
    idempotency: Idempotency,
    clock: ClockDep,
) -> Response:
    """Cancel the teacher's own seminar, or any as an operator. A job tells those with a seat and refunds them."""

    def work() -> CancellationOut:
        job_id = cancel(session, seminar_id, teacher, body.reason, clock())
        return CancellationOut(seminar_id=seminar_id, job=f"/jobs/{job_id}")

    return idempotency(202, work, location=lambda answer: answer.job)


@router.get("/{seminar_id}/cancellation", operation_id="seminars.cancellation")
@refuses(NotFound)
def get_cancellation(seminar_id: UUID, session: SessionDep, teacher: TeacherCaller) -> CancellationProgressOut:
    """How far the cancellation of the teacher's own seminar is, or of any for an operator."""
    return CancellationProgressOut.of(progress_of(session, seminar_id, teacher))


@router.get("/{seminar_id}/participants", operation_id="seminars.participants")
@refuses(NotFound)
def get_participants(
    seminar_id: UUID, session: SessionDep, teacher: TeacherCaller, page: NewestPage
) -> Page[ParticipantOut]:
    """Who has a seat at the teacher's own seminar, or waits for one; the newest first."""
    return page_of(queries.participants(session, teacher.profile_id, seminar_id, page), ParticipantOut.of)


@router.get("/{seminar_id}/attendance", operation_id="seminars.attendance")
@refuses(NotFound)
def get_attendance(seminar_id: UUID, session: SessionDep, teacher: TeacherCaller, page: NewestPage) -> Page[StayOut]:
    """Who was in the room of the teacher's own seminar and when; the newest stay first."""
    return page_of(queries.attendance(session, teacher.profile_id, seminar_id, page), StayOut.of)


@router.get("/{seminar_id}/guests", operation_id="seminars.guests")
@refuses(NotFound)
def get_guests(seminar_id: UUID, session: SessionDep, teacher: TeacherCaller, page: NewestPage) -> Page[GuestOut]:
    """The guest list of the teacher's own seminar, newest first."""
    return page_of(guests.list_guests(session, teacher.profile_id, seminar_id, page), GuestOut.of)


@router.post("/{seminar_id}/guests", status_code=201, response_model=GuestOut, operation_id="seminars.invite")
@refuses(GuestLimit, NotFound)
def post_guest(
    seminar_id: UUID, body: NewGuest, session: SessionDep, teacher: TeacherCaller, idempotency: Idempotency
) -> Response:
    """Put an address on the guest list: its owner may take a seat without paying."""
    return idempotency(201, lambda: GuestOut.of(guests.invite(session, teacher.profile_id, seminar_id, body.email)))


@router.delete("/{seminar_id}/guests/{guest_id}", status_code=204, operation_id="seminars.uninvite")
@refuses(NotFound)
def delete_guest(
    seminar_id: UUID, guest_id: UUID, session: SessionDep, teacher: TeacherCaller, idempotency: Idempotency
) -> Response:
    """Take a guest off the list, and release the guest's seat."""
    return idempotency(204, lambda: guests.withdraw(session, teacher.profile_id, seminar_id, guest_id))
