"""The inputs of accounts and sessions."""

from typing import Annotated

from pydantic import Field, SecretStr

from core.accounts.email import EmailAddress
from core.inputs import Edit, Input, unchanged
from core.text import Line
from db.models import Locale

DisplayName = Annotated[Line, Field(min_length=1, max_length=80)]
# Wide enough for every existing password; the rules for a new one are in core/accounts/password_rules.py.
Password = Annotated[SecretStr, Field(max_length=1000)]
RefreshTokenText = Annotated[SecretStr, Field(max_length=200)]


class RegisterInput(Input):
    """A request for a new account."""

    email: EmailAddress
    password: Annotated[Password, Field(description="10 to 128 characters, not a common one, not the e-mail.")]
    display_name: DisplayName
    locale: Locale = "sv"


class LoginInput(Input):
    """An attempt to sign in."""

    email: EmailAddress
    password: Password


class RefreshInput(Input):
    """A refresh token, to be exchanged or revoked."""

    refresh_token: RefreshTokenText


class ProfileEdit(Edit):
    """Changes to the caller's own profile."""

    display_name: DisplayName = unchanged()
    locale: Locale = unchanged()


class EraseInput(Input):
    """A confirmation by password, because erasing cannot be undone."""

    password: Password
