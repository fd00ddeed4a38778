from typing import Literal
from uuid import UUID

from pydantic import Field

from api.schemas.base import Schema, Time
from core.accounts.totp import qr_of, uri_of
from db.models import Aal, Locale, LoginSession, ProfileRole


class AcceptedOut(Schema):
    """The same for every address, so that it does not reveal which addresses have an account."""

    detail: str = "An email is on its way to the address, if there is something to do."


class TokensOut(Schema):
    """A pair of tokens; the refresh token can be exchanged once."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the token type of RFC 6749, not a password
    expires_in: int
    refresh_token: str


class SessionOut(Schema):
    """A login that has not ended."""

    id: UUID
    current: bool = Field(description="Whether this request is made in it.")
    user_agent: str = Field(description="The program, as it calls itself.")
    network: str = Field(description="The network address that it signed in from.")
    created_at: Time
    used_at: Time = Field(description="The login, or the last refresh.")
    expires_at: Time
    aal: Aal = Field(description="aal2: signed in with a second factor.")

    @classmethod
    def of(cls, login: LoginSession, current: UUID) -> "SessionOut":
        """The session as its owner sees it; `current` is the one of the request."""
        return cls(
            id=login.id,
            current=login.id == current,
            user_agent=login.user_agent,
            network=login.network,
            created_at=login.created_at,
            used_at=login.used_at,
            expires_at=login.expires_at,
            aal=login.aal,
        )


class ProfileOut(Schema):
    """The caller's own account."""

    id: UUID
    email: str
    display_name: str
    role: ProfileRole
    locale: Locale
    created_at: Time


class FactorOut(Schema):
    """The caller's second factor."""

    confirmed_at: Time | None = Field(description="Since when it is on; null: it is off.")
    recovery_codes: int = Field(description="Codes that are unused.")


class StartedFactorOut(Schema):
    """A new secret for an authenticator app, as text and as a QR code."""

    secret: str = Field(description="In Base32, for who cannot scan the QR code.")
    uri: str = Field(description="The `otpauth://` address that the QR code has.")
    qr: str = Field(description="The QR code: an SVG picture as a `data:` URL.")

    @classmethod
    def of(cls, secret: str, email: str) -> "StartedFactorOut":
        """The secret of an account, ready to be scanned."""
        uri = uri_of(secret, email)
        return cls(secret=secret, uri=uri, qr=qr_of(uri))


class RecoveryCodesOut(Schema):
    """Each signs in once in place of a code. They cannot be shown again."""

    recovery_codes: list[str] = Field(description="Ten codes.", examples=[["7f2k-9qxd-m4tb-3hwc-k8sn-2vrp"]])
