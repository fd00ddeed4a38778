"""Read and write posts."""

from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.courses.access import may_read
from core.inputs import Input
from core.offers.authoring import own_offer
from core.paging import Newest, PageRequest, Slice, cut, newest_first
from core.problems import NotFound
from core.text import Prose
from db.models import Course, Post, Profile

PostBody = Annotated[Prose, Field(min_length=1, max_length=5000)]
PostWithAuthor = tuple[Post, str]


class PostDraft(Input):
    """A new post; with a course, only its members see it."""

    body: PostBody
    course_id: UUID | None = None


class PostEdit(Input):
    """A post's new text."""

    body: PostBody


def page_for(session: Session, reader_id: UUID | None, page: PageRequest[Newest]) -> Slice[PostWithAuthor, Newest]:
    """Posts that `reader_id` may see, newest first, each with its author's name."""
    statement = (
        select(Post, Profile.display_name)
        .join(Profile, Profile.id == Post.author_id)
        .outerjoin(Course, Course.id == Post.course_id)
        .where(or_(Post.course_id.is_(None), may_read(reader_id)))
    )
    found = session.execute(newest_first(statement, Post.created_at, Post.id, page)).all()
    return cut([(row[0], row[1]) for row in found], page, lambda row: (row[0].created_at, row[0].id))


def create(session: Session, author_id: UUID, draft: PostDraft) -> PostWithAuthor:
    """Create a post. Raises NotFound if the course is not the author's own."""
    if draft.course_id:
        own_offer(session, Course, draft.course_id, author_id)
    post = Post(author_id=author_id, **draft.model_dump())
    session.add(post)
    session.flush()
    record(session, Tag.POST_CREATED, post.id, actor_id=author_id)
    return post, _name(session, author_id)


def edit(session: Session, author_id: UUID, post_id: UUID, changes: PostEdit) -> PostWithAuthor:
    """Change the author's own post. Raises NotFound."""
    post = _own(session, author_id, post_id)
    post.body = changes.body
    session.flush()
    record(session, Tag.POST_CHANGED, post_id, actor_id=author_id)
    return post, _name(session, author_id)


def delete(session: Session, author_id: UUID, post_id: UUID) -> None:
    """Delete the author's own post. Raises NotFound."""
    session.delete(_own(session, author_id, post_id))
    session.flush()
    record(session, Tag.POST_DELETED, post_id, actor_id=author_id)


def _own(session: Session, author_id: UUID, post_id: UUID) -> Post:
    statement = select(Post).where(Post.id == post_id, Post.author_id == author_id).with_for_update()
    found = session.scalar(statement)
    if found is None:
        raise NotFound(f"You have no post {post_id}.")
    return found


def _name(session: Session, profile_id: UUID) -> str:
    return session.scalars(select(Profile.display_name).where(Profile.id == profile_id)).one()
