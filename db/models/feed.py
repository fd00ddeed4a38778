"""The wall."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.accounts import Profile
from db.models.base import Base, CreatedAt, Id, UpdatedAt
from db.models.courses import Course


class Post(Base):
    """A post, to everyone or about one course."""

    __tablename__ = "posts"
    __table_args__ = (
        Index("posts_author", "author_id"),
        Index("posts_course", "course_id"),
        Index("posts_newest", text("created_at desc"), text("id desc")),
    )

    id: Mapped[Id]
    author_id: Mapped[UUID] = mapped_column(ForeignKey(Profile.id))
    course_id: Mapped[UUID | None] = mapped_column(ForeignKey(Course.id, ondelete="CASCADE"))
    body: Mapped[str]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]
