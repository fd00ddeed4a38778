"""Recovery codes: each signs in once in place of a code, for who has lost the authenticator."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from db.models import RecoveryCode

COUNT: Final = 10
# 24 characters of five bits each: with 120 bits a fast hash is enough (ASVS 6.5.2).
LENGTH: Final = 24
_GROUP: Final = 4
# Without the letters and digits that are mistaken for each other.
_ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"


def renew(session: Session, profile_id: UUID, now: datetime) -> Sequence[str]:
    """New codes in place of all earlier ones. They are shown once: only their hashes are stored."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.profile_id == profile_id))
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(LENGTH)) for _ in range(COUNT)]
    session.add_all(RecoveryCode(profile_id=profile_id, code_hash=_digest(code), created_at=now) for code in codes)
    session.flush()
    return ["-".join(code[at : at + _GROUP] for at in range(0, LENGTH, _GROUP)) for code in codes]


def use(session: Session, profile_id: UUID, code: str, now: datetime) -> bool:
    """Use up a code, without dashes and spaces; False if it is none of the person's, or was used."""
    own = (RecoveryCode.profile_id == profile_id) & (RecoveryCode.code_hash == _digest(code))
    used = update(RecoveryCode).where(own, RecoveryCode.used_at.is_(None)).values(used_at=now)
    return session.scalar(used.returning(RecoveryCode.id)) is not None


def left(session: Session, profile_id: UUID) -> int:
    """How many codes are unused."""
    unused = (RecoveryCode.profile_id == profile_id) & RecoveryCode.used_at.is_(None)
    return session.scalar(select(func.count()).where(unused)) or 0


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()
