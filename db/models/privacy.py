"""What people ask for about their own data."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, deferred, mapped_column

from db.models.accounts import Profile
from db.models.base import Base, Id


class Export(Base):
    """An archive of what is kept about a person, a ZIP file; None until its job has made it."""

    __tablename__ = "exports"
    __table_args__ = (Index("exports_expired", "expires_at", postgresql_where=text("expires_at is not null")),)

    id: Mapped[Id]
    profile_id: Mapped[UUID] = mapped_column(ForeignKey(Profile.id, ondelete="CASCADE"), unique=True)
    requested_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    # Read only where it is sent.
    archive: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
