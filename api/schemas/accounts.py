from typing import Literal
from uuid import UUID

from api.schemas.base import Time, View
from db.models import Locale, ProfileRole


class Accepted(View):
    """The same for every address, so that nobody learns which have an account."""

    detail: str = "If the address can be registered, you can sign in now; its owner gets a mail either way."


class TokensView(View):
    """A pair of tokens; the refresh token is good for one exchange."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the word RFC 6749 asks for
    expires_in: int
    refresh_token: str


class ProfileView(View):
    """The caller's own account."""

    id: UUID
    email: str
    display_name: str
    role: ProfileRole
    locale: Locale
    created_at: Time
