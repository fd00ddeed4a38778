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
NewPassword = Annotated[
    Password, Field(description="10 to 128 characters; not a common one, not words and patterns, not the e-mail.")
]
LinkToken = Annotated[SecretStr, Field(max_length=100, description="The `token` of the link in the email.")]
Code = Annotated[
    SecretStr, Field(max_length=60, description="The six digits of the authenticator, or a recovery code.")
]
RefreshTokenText = Annotated[SecretStr, Field(max_length=200)]


class RegisterInput(Input):
    """A request for a new account."""

    email: EmailAddress
    password: NewPassword
    display_name: DisplayName
    locale: Locale = "sv"


class EmailInput(Input):
    """An address, to which a link is mailed."""

    email: EmailAddress


class VerifyInput(Input):
    """A link that proves an address, and the password of the registration."""

    token: LinkToken
    password: Password


class ResetInput(Input):
    """A link for a new password."""

    token: LinkToken
    password: NewPassword


class LinkInput(Input):
    """A link that confirms a new address."""

    token: LinkToken


class PasswordInput(Input):
    """A new password, confirmed by the one in use."""

    current_password: Password
    password: NewPassword


class EmailChangeInput(Input):
    """A new address, confirmed by the password."""

    email: EmailAddress
    password: Password


class LoginInput(Input):
    """An attempt to sign in; the code only for an account with a second factor."""

    email: EmailAddress
    password: Password
    code: Code | None = None


class FactorStart(Input):
    """A new second factor, confirmed by the password."""

    password: Password


class FactorConfirmation(Input):
    """The first code of a new second factor."""

    code: Code


class FactorChange(Input):
    """A change of the second factor, confirmed by the password and a code."""

    password: Password
    code: Code


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
