from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.deps import ClockDep, SessionDep, TeacherCaller, Visitor, get_caller, get_teacher
from api.idempotency import Idempotency
from api.pages import NewestPage, Page, page_of
from api.schemas.courses import CourseView
from core.courses import authoring
from core.courses.access import course_for
from core.courses.inputs import CourseDraft, CourseEdit
from core.courses.queries import courses_by, published_courses

router = APIRouter(prefix="/courses", tags=["courses"])

Mine = Annotated[bool, Query(description="The caller's own, in every state; for teachers.")]


@router.get("")
def get_courses(session: SessionDep, visitor: Visitor, page: NewestPage, *, mine: Mine = False) -> Page[CourseView]:
    """Courses on sale, the last published first."""
    rows = (
        courses_by(session, get_teacher(get_caller(visitor)).profile_id, page)
        if mine
        else published_courses(session, page)
    )
    return page_of(rows, CourseView.of)


@router.post("", status_code=201, response_model=CourseView)
def post_course(body: CourseDraft, session: SessionDep, teacher: TeacherCaller, idempotency: Idempotency) -> Response:
    """Make a course, not yet on sale."""
    return idempotency(
        201,
        lambda: CourseView.of(authoring.create(session, teacher.profile_id, body)),
        location=lambda course: f"/courses/{course.id}",
    )


@router.get("/{course_id}")
def get_course(course_id: UUID, session: SessionDep, visitor: Visitor) -> CourseView:
    """A course on sale, or one that is the caller's: as its teacher or as a member."""
    course, _ = course_for(session, course_id, visitor and visitor.profile_id)
    return CourseView.of(course)


@router.patch("/{course_id}", response_model=CourseView)
def patch_course(
    course_id: UUID, body: CourseEdit, session: SessionDep, teacher: TeacherCaller, idempotency: Idempotency
) -> Response:
    """Change the teacher's own course; orders placed before keep their price."""
    return idempotency(200, lambda: CourseView.of(authoring.edit(session, teacher.profile_id, course_id, body)))


@router.post("/{course_id}/publish", response_model=CourseView)
def publish_course(
    course_id: UUID, session: SessionDep, teacher: TeacherCaller, idempotency: Idempotency, clock: ClockDep
) -> Response:
    """Put the teacher's own course on sale."""
    return idempotency(
        200,
        lambda: CourseView.of(authoring.move(session, teacher.profile_id, course_id, "publish", clock())),
    )


@router.post("/{course_id}/archive", response_model=CourseView)
def archive_course(
    course_id: UUID, session: SessionDep, teacher: TeacherCaller, idempotency: Idempotency, clock: ClockDep
) -> Response:
    """Take the teacher's own course off sale; who is enrolled keeps it."""
    return idempotency(
        200,
        lambda: CourseView.of(authoring.move(session, teacher.profile_id, course_id, "archive", clock())),
    )
