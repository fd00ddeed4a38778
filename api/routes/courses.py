from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.deps import ClockDep, OptionalCaller, SessionDep, TeacherCaller, get_teacher, required
from api.idempotency import Idempotency
from api.pages import NewestPage, Page, page_of
from api.refusals import refuses
from api.schemas.courses import CourseOut
from core.courses import authoring
from core.courses.access import visible_course
from core.courses.inputs import CourseDraft, CourseEdit
from core.courses.queries import published_courses, teacher_courses
from core.offers.authoring import OfferStateConflict
from core.offers.prices import PriceNotAllowed
from core.problems import Forbidden, NotFound

router = APIRouter(prefix="/courses", tags=["courses"])

Mine = Annotated[bool, Query(description="Only the caller's own courses, in every state; for teachers.")]


@router.get("", operation_id="courses.list")
@refuses(Forbidden)
def get_courses(
    session: SessionDep, caller: OptionalCaller, page: NewestPage, *, mine: Mine = False
) -> Page[CourseOut]:
    """Courses on sale, the newest publication first."""
    rows = (
        teacher_courses(session, get_teacher(required(caller)).profile_id, page)
        if mine
        else published_courses(session, page)
    )
    return page_of(rows, CourseOut.of)


@router.post("", status_code=201, response_model=CourseOut, operation_id="courses.create")
@refuses(PriceNotAllowed)
def post_course(body: CourseDraft, session: SessionDep, teacher: TeacherCaller, idempotency: Idempotency) -> Response:
    """Create a course; it is not on sale yet."""
    return idempotency(
        201,
        lambda: CourseOut.of(authoring.create(session, teacher.profile_id, body)),
        location=lambda course: f"/courses/{course.id}",
    )


@router.get("/{course_id}", operation_id="courses.get")
@refuses(NotFound)
def get_course(course_id: UUID, session: SessionDep, caller: OptionalCaller) -> CourseOut:
    """A course on sale, or one that the caller teaches or is enrolled in."""
    course, _ = visible_course(session, course_id, caller and caller.profile_id)
    return CourseOut.of(course)


@router.patch("/{course_id}", response_model=CourseOut, operation_id="courses.change")
@refuses(NotFound, OfferStateConflict, PriceNotAllowed)
def patch_course(
    course_id: UUID, body: CourseEdit, session: SessionDep, teacher: TeacherCaller, idempotency: Idempotency
) -> Response:
    """Change the teacher's own course; existing orders keep their price."""
    return idempotency(200, lambda: CourseOut.of(authoring.edit(session, teacher.profile_id, course_id, body)))


@router.post("/{course_id}/publish", response_model=CourseOut, operation_id="courses.publish")
@refuses(NotFound, OfferStateConflict, PriceNotAllowed)
def publish_course(
    course_id: UUID, session: SessionDep, teacher: TeacherCaller, idempotency: Idempotency, clock: ClockDep
) -> Response:
    """Put the teacher's own course on sale."""
    return idempotency(
        200,
        lambda: CourseOut.of(authoring.transition(session, teacher.profile_id, course_id, "publish", clock())),
    )


@router.post("/{course_id}/archive", response_model=CourseOut, operation_id="courses.archive")
@refuses(NotFound, OfferStateConflict)
def archive_course(
    course_id: UUID, session: SessionDep, teacher: TeacherCaller, idempotency: Idempotency, clock: ClockDep
) -> Response:
    """Take the teacher's own course off sale; enrolled members keep it."""
    return idempotency(
        200,
        lambda: CourseOut.of(authoring.transition(session, teacher.profile_id, course_id, "archive", clock())),
    )
