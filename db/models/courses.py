"""Courses and their lessons."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.models.accounts import Profile
from db.models.base import Amount, Base, CreatedAt, Currency, Id, RefundDays, RefundMaxProgress, UpdatedAt

OfferState = Literal["draft", "published", "archived"]


class Course(Base):
    """What a teacher sells once and a buyer keeps."""

    __tablename__ = "courses"
    __table_args__ = (
        Index("courses_teacher", "teacher_id"),
        Index(
            "courses_published",
            text("published_at desc"),
            text("id desc"),
            postgresql_where=text("state = 'published'"),
        ),
    )

    id: Mapped[Id]
    teacher_id: Mapped[UUID] = mapped_column(ForeignKey(Profile.id))
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(server_default="")
    description: Mapped[str] = mapped_column(server_default="")
    price_amount: Mapped[Amount]
    currency: Mapped[Currency]
    state: Mapped[OfferState] = mapped_column(Text, server_default="draft")
    published_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]
    refund_days: Mapped[RefundDays]
    refund_max_progress: Mapped[RefundMaxProgress]

    lessons: Mapped[list["Lesson"]] = relationship(
        order_by="Lesson.position", lazy="raise", cascade="all, delete-orphan", passive_deletes=True
    )


class Lesson(Base):
    """One step of a course; positions are checked at commit when deferred, so that lessons can swap."""

    __tablename__ = "lessons"
    __table_args__ = (
        UniqueConstraint(
            "course_id", "position", name="lessons_course_position", deferrable=True, initially="IMMEDIATE"
        ),
    )

    id: Mapped[Id]
    course_id: Mapped[UUID] = mapped_column(ForeignKey(Course.id, ondelete="CASCADE"))
    position: Mapped[int]
    title: Mapped[str]
    body: Mapped[str] = mapped_column(server_default="")
    video_url: Mapped[str | None]
    is_preview: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class LessonCompletion(Base):
    """A learner has completed a lesson; kept until the account is erased."""

    __tablename__ = "lesson_completions"
    __table_args__ = (Index("lesson_completions_lesson", "lesson_id"),)

    profile_id: Mapped[UUID] = mapped_column(ForeignKey(Profile.id), primary_key=True)
    lesson_id: Mapped[UUID] = mapped_column(ForeignKey(Lesson.id, ondelete="CASCADE"), primary_key=True)
    completed_at: Mapped[CreatedAt]
