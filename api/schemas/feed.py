from uuid import UUID

from api.schemas.base import Time, View
from core.feed.posts import Signed


class PostView(View):
    """A post on the wall."""

    id: UUID
    author_id: UUID
    author_name: str
    course_id: UUID | None
    body: str
    created_at: Time
    updated_at: Time

    @classmethod
    def of(cls, row: Signed) -> "PostView":
        """As a reader sees it."""
        post, name = row
        return cls(
            id=post.id,
            author_id=post.author_id,
            author_name=name,
            course_id=post.course_id,
            body=post.body,
            created_at=post.created_at,
            updated_at=post.updated_at,
        )
