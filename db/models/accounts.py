"""Profiles, their sessions, and rate limits."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, CreatedAt, Id, UpdatedAt

ProfileRole = Literal["member", "teacher", "admin"]
Locale = Literal["sv", "en"]


class Profile(Base):
    """A person. An erased one keeps its row, for bookkeeping, with a pseudonym."""

    __tablename__ = "profiles"

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    display_name: Mapped[str]
    role: Mapped[ProfileRole] = mapped_column(Text, server_default="member")
    locale: Mapped[Locale] = mapped_column(Text, server_default="sv")
    supabase_user_id: Mapped[UUID | None] = mapped_column(unique=True)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]
    erased_at: Mapped[datetime | None]


class RefreshToken(Base):
    """One use of a session; the tokens of one login share a family, which is revoked as a whole on reuse."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (
        Index("refresh_tokens_profile", "profile_id"),
        Index("refresh_tokens_family", "family_id"),
    )

    id: Mapped[Id]
    profile_id: Mapped[UUID] = mapped_column(ForeignKey(Profile.id, ondelete="CASCADE"))
    family_id: Mapped[UUID]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]


class RateLimit(Base):
    """Hits of one bucket in one window. Unlogged: a crash of the database forgets a window."""

    __tablename__ = "rate_limits"
    __table_args__ = {"prefixes": ["UNLOGGED"]}  # noqa: RUF012 - SQLAlchemy's own form

    bucket: Mapped[str] = mapped_column(primary_key=True)
    window_start: Mapped[datetime] = mapped_column(primary_key=True)
    hits: Mapped[int] = mapped_column(server_default=text("1"))
