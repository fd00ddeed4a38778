from uuid import UUID

from api.schemas.admin.base import Action, Paged
from api.schemas.base import Schema, Time
from core.console.filters import UserFilter
from db.models import Locale, ProfileRole


class UsersQuery(Paged, UserFilter):
    """A filter and a page of accounts."""


class NewRole(Action):
    """A role for an account."""

    role: ProfileRole


class UserOut(Schema):
    """An account as an operator sees it."""

    id: UUID
    email: str
    display_name: str
    role: ProfileRole
    locale: Locale
    created_at: Time
    erased_at: Time | None
