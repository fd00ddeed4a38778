from typing import Literal
from uuid import UUID

from api.schemas.base import Schema, Time
from db.models import Locale, ProfileRole


class AcceptedOut(Schema):
    """The same for every address, so that it does not reveal which addresses have an account."""

    detail: str = "If the address can be registered, you can sign in now; its owner gets a mail either way."


class TokensOut(Schema):
    """A pair of tokens; the refresh token can be exchanged once."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the token type of RFC 6749, not a password
    expires_in: int
    refresh_token: str


class ProfileOut(Schema):
    """The caller's own account."""

    id: UUID
    email: str
    display_name: str
    role: ProfileRole
    locale: Locale
    created_at: Time
