from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import OptionalCaller, SessionDep, TeacherCaller
from api.idempotency import Idempotency
from api.pages import NewestPage, Page, page_of
from api.refusals import refuses
from api.schemas.feed import PostOut
from core.feed import posts
from core.feed.posts import PostDraft, PostEdit
from core.problems import NotFound

router = APIRouter(prefix="/feed", tags=["feed"])


@router.get("", operation_id="posts.list")
def get_feed(session: SessionDep, caller: OptionalCaller, page: NewestPage) -> Page[PostOut]:
    """Posts, newest first. A post of a course is visible to its teacher and members only."""
    return page_of(posts.page_for(session, caller and caller.profile_id, page), PostOut.of)


@router.post("", status_code=201, response_model=PostOut, operation_id="posts.create")
def post_post(body: PostDraft, session: SessionDep, teacher: TeacherCaller, idempotency: Idempotency) -> Response:
    """Create a post, for everybody or for the members of the teacher's own course."""
    return idempotency(
        201,
        lambda: PostOut.of(posts.create(session, teacher.profile_id, body)),
        location=lambda post: f"/feed/{post.id}",
    )


@router.patch("/{post_id}", response_model=PostOut, operation_id="posts.change")
@refuses(NotFound)
def patch_post(
    post_id: UUID, body: PostEdit, session: SessionDep, teacher: TeacherCaller, idempotency: Idempotency
) -> Response:
    """Change the text of the teacher's own post."""
    return idempotency(200, lambda: PostOut.of(posts.edit(session, teacher.profile_id, post_id, body)))


@router.delete("/{post_id}", status_code=204, operation_id="posts.delete")
@refuses(NotFound)
def delete_post(post_id: UUID, session: SessionDep, teacher: TeacherCaller, idempotency: Idempotency) -> Response:
    """Delete the teacher's own post."""
    return idempotency(204, lambda: posts.delete(session, teacher.profile_id, post_id))
