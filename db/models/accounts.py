"""Profiles, their sessions, and rate limits."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, CreatedAt, Id, UpdatedAt

ProfileRole = Literal["member", "teacher", "admin"]
Locale = Literal["sv", "en"]
TokenPurpose = Literal["prove_email", "reset_password", "change_email"]
# How a session was signed in, as Supabase names it: by a password, or by a password and a second factor.
Aal = Literal["aal1", "aal2"]


class Profile(Base):
    """A person. An erased one keeps its row, for bookkeeping, with a pseudonym."""

    __tablename__ = "profiles"
    __table_args__ = (Index("profiles_unproven", "created_at", postgresql_where=text("email_proven_at is null")),)

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
    email_proven_at: Mapped[datetime | None]


class LoginSession(Base):
    """One login, open until `ended_at` or `expires_at`; `used_at` is the login or the last refresh."""

    __tablename__ = "sessions"
    __table_args__ = (
        Index("sessions_profile", "profile_id", text("used_at desc")),
        Index("sessions_expired", "expires_at"),
        Index("sessions_ended", "ended_at", postgresql_where=text("ended_at is not null")),
    )

    id: Mapped[Id]
    profile_id: Mapped[UUID] = mapped_column(ForeignKey(Profile.id, ondelete="CASCADE"))
    user_agent: Mapped[str] = mapped_column(server_default="")
    network: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime]
    used_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    aal: Mapped[Aal] = mapped_column(Text, server_default="aal1")


class RefreshToken(Base):
    """One use of a session; one that is used again ends its session."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (
        Index("refresh_tokens_profile", "profile_id"),
        Index("refresh_tokens_session", "session_id"),
    )

    id: Mapped[Id]
    profile_id: Mapped[UUID] = mapped_column(ForeignKey(Profile.id, ondelete="CASCADE"))
    session_id: Mapped[UUID] = mapped_column(ForeignKey(LoginSession.id, ondelete="CASCADE"))
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]


class OneTimeToken(Base):
    """What a link in an email stands for; `email` is the address that it proves. It counts once, until `expires_at`."""

    __tablename__ = "one_time_tokens"
    __table_args__ = (
        Index("one_time_tokens_profile", "profile_id", "purpose"),
        Index("one_time_tokens_expired", "expires_at"),
    )

    id: Mapped[Id]
    profile_id: Mapped[UUID] = mapped_column(ForeignKey(Profile.id, ondelete="CASCADE"))
    purpose: Mapped[TokenPurpose] = mapped_column(Text)
    email: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class TotpFactor(Base):
    """A person's second factor, active from `confirmed_at`; `last_step` is the time step of the last code it took."""

    __tablename__ = "totp_factors"
    __table_args__ = (Index("totp_factors_started", "started_at", postgresql_where=text("confirmed_at is null")),)

    profile_id: Mapped[UUID] = mapped_column(ForeignKey(Profile.id, ondelete="CASCADE"), primary_key=True)
    secret: Mapped[bytes]
    started_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int | None] = mapped_column(BigInteger)


class RecoveryCode(Base):
    """A code that counts once in place of the second factor's."""

    __tablename__ = "recovery_codes"
    __table_args__ = (Index("recovery_codes_profile", "profile_id"),)

    id: Mapped[Id]
    profile_id: Mapped[UUID] = mapped_column(ForeignKey(TotpFactor.profile_id, ondelete="CASCADE"))
    code_hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class RateLimit(Base):
    """Hits of one bucket in one window. Unlogged: a crash of the database forgets a window."""

    __tablename__ = "rate_limits"
    __table_args__ = {"prefixes": ["UNLOGGED"]}  # noqa: RUF012 - SQLAlchemy's own form

    bucket: Mapped[str] = mapped_column(primary_key=True)
    window_start: Mapped[datetime] = mapped_column(primary_key=True)
    hits: Mapped[int] = mapped_column(server_default=text("1"))
