from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import SessionDep, TeacherCaller, Visitor
from api.idempotency import Idempotency
from api.pages import NewestPage, Page, page_of
from api.schemas.feed import PostView
from core.feed.posts import PostDraft, PostEdit, remove, rewrite, wall, write

router = APIRouter(prefix="/feed", tags=["feed"])


@router.get("")
def get_feed(session: SessionDep, visitor: Visitor, page: NewestPage) -> Page[PostView]:
    """The wall, newest first; posts bound to a course are seen by its teacher and its members."""
    return page_of(wall(session, visitor and visitor.profile_id, page), PostView.of)


@router.post("", status_code=201, response_model=PostView)
def post_post(body: PostDraft, session: SessionDep, teacher: TeacherCaller, idempotency: Idempotency) -> Response:
    """Write a post, to everybody or to the members of the teacher's own course."""
    return idempotency(
        201,
        lambda: PostView.of(write(session, teacher.profile_id, body)),
        location=lambda post: f"/feed/{post.id}",
    )


@router.patch("/{post_id}", response_model=PostView)
def patch_post(
    post_id: UUID, body: PostEdit, session: SessionDep, teacher: TeacherCaller, idempotency: Idempotency
) -> Response:
    """Change the text of the teacher's own post."""
    return idempotency(200, lambda: PostView.of(rewrite(session, teacher.profile_id, post_id, body)))


@router.delete("/{post_id}", status_code=204)
def delete_post(post_id: UUID, session: SessionDep, teacher: TeacherCaller, idempotency: Idempotency) -> Response:
    """Delete the teacher's own post."""
    return idempotency(204, lambda: remove(session, teacher.profile_id, post_id))
