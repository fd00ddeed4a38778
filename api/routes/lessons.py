from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import Caller, OptionalCaller, SessionDep, TeacherCaller
from api.idempotency import Idempotency
from api.pages import Page, PositionPage, page_of
from api.refusals import refuses
from api.schemas.courses import LessonOut, LessonOutlineOut
from core.courses import completions, lesson_authoring, lessons
from core.courses.inputs import LessonDraft, LessonEdit
from core.courses.lesson_authoring import CourseFull
from core.courses.lessons import LessonLocked
from core.problems import NotFound

router = APIRouter(prefix="/courses/{course_id}/lessons", tags=["courses"])


@router.get("", operation_id="lessons.list")
@refuses(NotFound)
def get_lessons(
    course_id: UUID, session: SessionDep, caller: OptionalCaller, page: PositionPage
) -> Page[LessonOutlineOut]:
    """The course's table of contents, in order."""
    rows = lessons.outline(session, course_id, caller and caller.profile_id, page)
    return page_of(rows, LessonOutlineOut.of)


@router.get("/{lesson_id}", operation_id="lessons.get")
@refuses(LessonLocked, NotFound)
def get_lesson(course_id: UUID, lesson_id: UUID, session: SessionDep, caller: OptionalCaller) -> LessonOut:
    """A lesson with its contents, for members and the teacher; a preview lesson for everybody."""
    return LessonOut.of(lessons.read(session, course_id, lesson_id, caller and caller.profile_id))


@router.post("", status_code=201, response_model=LessonOut, operation_id="lessons.add")
@refuses(CourseFull, NotFound)
def post_lesson(
    course_id: UUID, body: LessonDraft, session: SessionDep, teacher: TeacherCaller, idempotency: Idempotency
) -> Response:
    """Add a lesson to the teacher's own course; the lessons after it move up by one."""
    return idempotency(
        201,
        lambda: LessonOut.of(lesson_authoring.add(session, teacher.profile_id, course_id, body)),
        location=lambda lesson: f"/courses/{course_id}/lessons/{lesson.id}",
    )


@router.patch("/{lesson_id}", response_model=LessonOut, operation_id="lessons.change")
@refuses(NotFound)
def patch_lesson(
    course_id: UUID,
    lesson_id: UUID,
    body: LessonEdit,
    session: SessionDep,
    teacher: TeacherCaller,
    idempotency: Idempotency,
) -> Response:
    """Change a lesson of the teacher's own course, its position included."""
    return idempotency(
        200,
        lambda: LessonOut.of(lesson_authoring.edit(session, teacher.profile_id, course_id, lesson_id, body)),
    )


@router.delete("/{lesson_id}", status_code=204, operation_id="lessons.delete")
@refuses(NotFound)
def delete_lesson(
    course_id: UUID, lesson_id: UUID, session: SessionDep, teacher: TeacherCaller, idempotency: Idempotency
) -> Response:
    """Delete a lesson of the teacher's own course."""
    return idempotency(204, lambda: lesson_authoring.delete(session, teacher.profile_id, course_id, lesson_id))


@router.put("/{lesson_id}/completion", status_code=204, operation_id="lessons.complete")
@refuses(NotFound)
def put_completion(
    course_id: UUID, lesson_id: UUID, session: SessionDep, caller: Caller, idempotency: Idempotency
) -> Response:
    """Mark a lesson that the caller may read as completed."""
    return idempotency(204, lambda: completions.complete(session, course_id, lesson_id, caller.profile_id))


@router.delete("/{lesson_id}/completion", status_code=204, operation_id="lessons.reopen")
@refuses(NotFound)
def delete_completion(
    course_id: UUID, lesson_id: UUID, session: SessionDep, caller: Caller, idempotency: Idempotency
) -> Response:
    """Take the mark away."""
    return idempotency(204, lambda: completions.undo(session, course_id, lesson_id, caller.profile_id))
