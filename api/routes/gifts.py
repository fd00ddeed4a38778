"""Courses that are given, without an order."""

from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import ClockDep, SessionDep, TeacherCaller
from api.idempotency import Idempotency
from api.limits import AttemptLimit
from api.pages import NewestPage, Page, page_of
from api.refusals import refuses
from api.schemas.gifts import GiftOut, NewGift
from core.enrollments import gifts
from core.enrollments.gifts import GiftLimit
from core.problems import NotFound

router = APIRouter(prefix="/courses/{course_id}/gifts", tags=["courses"])


@router.post("", status_code=202, response_model=GiftOut, operation_id="gifts.give")
@refuses(GiftLimit, NotFound)
def post_gift(
    course_id: UUID,
    body: NewGift,
    session: SessionDep,
    teacher: TeacherCaller,
    idempotency: Idempotency,
    limit: AttemptLimit,
) -> Response:
    """Give the course to an address. It is granted as soon as an account has the address; the answer is the same."""
    limit("gift", str(teacher.profile_id))
    return idempotency(202, lambda: GiftOut.of(gifts.give(session, teacher, course_id, body.email)))


@router.get("", operation_id="gifts.list")
@refuses(NotFound)
def get_gifts(course_id: UUID, session: SessionDep, teacher: TeacherCaller, page: NewestPage) -> Page[GiftOut]:
    """The gifts of a course that are not withdrawn, newest first; for its teacher and operators."""
    return page_of(gifts.list_gifts(session, teacher, course_id, page), GiftOut.of)


@router.delete("/{gift_id}", status_code=204, operation_id="gifts.withdraw")
@refuses(NotFound)
def delete_gift(
    course_id: UUID,
    gift_id: UUID,
    session: SessionDep,
    teacher: TeacherCaller,
    idempotency: Idempotency,
    clock: ClockDep,
) -> Response:
    """Withdraw a gift: what it gave is revoked. Access from another source stays."""
    return idempotency(204, lambda: gifts.withdraw(session, teacher, course_id, gift_id, clock()))
