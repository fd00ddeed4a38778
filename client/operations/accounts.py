"""Generated from the OpenAPI document by scripts/client_operations.py; change the API instead."""

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from client.api.base import Model, Operation, Page


class RegisterInput(Model):
    """A request for a new account."""

    email: str
    password: str
    display_name: str
    locale: Literal["sv", "en"] = "sv"


class AcceptedOut(Model):
    """The same for every address, so that it does not reveal which addresses have an account."""

    detail: str = "An email is on its way to the address, if there is something to do."


class EmailInput(Model):
    """An address, to which a link is mailed."""

    email: str


class LoginInput(Model):
    """An attempt to sign in; the code only for an account with a second factor."""

    email: str
    password: str
    code: str | None = None


class TokensOut(Model):
    """A pair of tokens; the refresh token can be exchanged once."""

    access_token: str
    expires_in: int
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"


class RefreshInput(Model):
    """A refresh token, to be exchanged or revoked."""

    refresh_token: str


class ProfileOut(Model):
    """The caller's own account."""

    id: UUID
    email: str
    display_name: str
    role: Literal["member", "teacher", "admin"]
    locale: Literal["sv", "en"]
    created_at: datetime


class ProfileEdit(Model):
    """Changes to the caller's own profile."""

    display_name: str | None = None
    locale: Literal["sv", "en"] | None = None


class EraseInput(Model):
    """A confirmation by password, because erasing cannot be undone."""

    password: str


class PasswordInput(Model):
    """A new password, confirmed by the one in use."""

    current_password: str
    password: str


class EmailChangeInput(Model):
    """A new address, confirmed by the password."""

    email: str
    password: str


class ExportOut(Model):
    """An archive of what is kept about the caller."""

    id: UUID
    state: Literal["building", "ready"]
    requested_at: datetime
    ready_at: datetime | None
    expires_at: datetime | None


class SessionOut(Model):
    """A login that has not ended."""

    id: UUID
    current: bool
    user_agent: str
    network: str
    created_at: datetime
    used_at: datetime
    expires_at: datetime
    aal: Literal["aal1", "aal2"]


class FactorOut(Model):
    """The caller's second factor."""

    confirmed_at: datetime | None
    recovery_codes: int


class FactorStart(Model):
    """A new second factor, confirmed by the password."""

    password: str


class StartedFactorOut(Model):
    """A new secret for an authenticator app, as text and as a QR code."""

    secret: str
    uri: str
    qr: str


class FactorConfirmation(Model):
    """The first code of a new second factor."""

    code: str


class RecoveryCodesOut(Model):
    """Each signs in once in place of a code. They cannot be shown again."""

    recovery_codes: list[str]


class FactorChange(Model):
    """A change of the second factor, confirmed by the password and a code."""

    password: str
    code: str


AUTH_REGISTER: Final[Operation[AcceptedOut]] = Operation("POST", "/auth/register", AcceptedOut, keyed=True)
AUTH_RESEND_VERIFICATION: Final[Operation[AcceptedOut]] = Operation("POST", "/auth/verify/resend", AcceptedOut)
AUTH_LOGIN: Final[Operation[TokensOut]] = Operation("POST", "/auth/login", TokensOut)
AUTH_REFRESH: Final[Operation[TokensOut]] = Operation("POST", "/auth/refresh", TokensOut)
AUTH_LOGOUT: Final[Operation[None]] = Operation("POST", "/auth/logout", type(None))
AUTH_FORGOT_PASSWORD: Final[Operation[AcceptedOut]] = Operation("POST", "/auth/password/forgot", AcceptedOut)
ME_GET: Final[Operation[ProfileOut]] = Operation("GET", "/me", ProfileOut)
ME_CHANGE: Final[Operation[ProfileOut]] = Operation("PATCH", "/me", ProfileOut, keyed=True)
ME_ERASE: Final[Operation[None]] = Operation("DELETE", "/me", type(None), keyed=True)
ME_CHANGE_PASSWORD: Final[Operation[None]] = Operation("POST", "/me/password", type(None))
ME_CHANGE_EMAIL: Final[Operation[AcceptedOut]] = Operation("POST", "/me/email", AcceptedOut)
ME_EXPORT: Final[Operation[ExportOut]] = Operation("POST", "/me/export", ExportOut, keyed=True)
ME_GET_EXPORT: Final[Operation[ExportOut]] = Operation("GET", "/me/export", ExportOut)
SESSIONS_LIST: Final[Operation[Page[SessionOut]]] = Operation("GET", "/me/sessions", Page[SessionOut])
SESSIONS_END: Final[Operation[None]] = Operation("DELETE", "/me/sessions/{session_id}", type(None))
SESSIONS_END_OTHERS: Final[Operation[None]] = Operation("DELETE", "/me/sessions", type(None))
TOTP_GET: Final[Operation[FactorOut]] = Operation("GET", "/me/totp", FactorOut)
TOTP_START: Final[Operation[StartedFactorOut]] = Operation("POST", "/me/totp", StartedFactorOut)
TOTP_CONFIRM: Final[Operation[RecoveryCodesOut]] = Operation("POST", "/me/totp/confirm", RecoveryCodesOut)
TOTP_TURN_OFF: Final[Operation[None]] = Operation("DELETE", "/me/totp", type(None))
