"""Access tokens: short-lived JWTs with the claims of Supabase, which its row-level security reads."""

from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

import jwt
from pydantic import BaseModel, Field, ValidationError

from core.identity import Identity, Role
from core.problems import Unauthorized
from core.settings import Settings
from db.models import Aal

ALGORITHM = "HS256"
AUDIENCE = "authenticated"
REQUIRED = ["sub", "role", "aud", "iss", "iat", "exp", "session_id", "aal"]


class _AppMetadata(BaseModel):
    role: Role


class _Claims(BaseModel):
    sub: UUID
    role: Literal["authenticated"]
    app_metadata: _AppMetadata
    session_id: UUID
    aal: Aal
    exp: Annotated[int, Field(strict=True)]


def issue(settings: Settings, identity: Identity, now: datetime) -> str:
    """An access token that is valid for `settings.access_token_seconds` from `now`."""
    lifetime = timedelta(seconds=settings.access_token_seconds)
    claims = {
        "sub": str(identity.profile_id),
        "role": AUDIENCE,
        "aud": AUDIENCE,
        "iss": settings.public_url,
        "iat": int(now.timestamp()),
        "exp": int((now + lifetime).timestamp()),
        "app_metadata": {"role": identity.role},
        "session_id": str(identity.session_id),
        "aal": identity.aal,
    }
    return jwt.encode(  # pyright: ignore[reportUnknownMemberType] - pyjwt names types of a package HS256 does not need
        claims, settings.jwt_secret.get_secret_value(), algorithm=ALGORITHM
    )


def verify(settings: Settings, token: str, now: datetime) -> Identity:
    """The identity in a token. Raises Unauthorized for a forged, foreign, malformed or expired one."""
    try:
        # Never the algorithm that the token names. The injected clock checks the expiry below.
        payload = jwt.decode(  # pyright: ignore[reportUnknownMemberType] - as above
            token,
            settings.jwt_secret.get_secret_value(),
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=settings.public_url,
            options={"require": REQUIRED, "verify_exp": False, "verify_iat": False},
        )
        claims = _Claims.model_validate(payload)
    except (jwt.InvalidTokenError, ValidationError):
        raise Unauthorized("This access token is not valid; sign in again.") from None
    if claims.exp <= now.timestamp():
        raise Unauthorized("This access token has expired; refresh it.")
    return Identity(claims.sub, claims.app_metadata.role, claims.session_id, claims.aal)
