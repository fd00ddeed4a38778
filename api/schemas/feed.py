from uuid import UUID

from api.schemas.base import Schema, Time
from core.feed.posts import PostWithAuthor


class PostOut(Schema):
    """A post in the feed."""

    id: UUID
    author_id: UUID
    author_name: str
    course_id: UUID | None
    body: str
    created_at: Time
    updated_at: Time

    @classmethod
    def of(cls, row: PostWithAuthor) -> "PostOut":
        """The post as a reader sees it."""
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
