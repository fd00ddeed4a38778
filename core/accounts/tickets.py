"""Tickets: for clients that cannot send a header, such as a browser's EventSource.

A ticket opens one path for one session and a minute. Its audience keeps it from being taken for an access token.
"""

from datetime import datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

import jwt
from pydantic import BaseModel, Field, ValidationError

from core.accounts.tokens import ALGORITHM
from core.identity import Identity, Role
from core.problems import Unauthorized
from core.settings import Settings

LIFETIME: Final = timedelta(seconds=60)
_AUDIENCE: Final = "stream"
_REQUIRED: Final = ["sub", "aud", "iss", "exp"]


class TicketRefused(Unauthorized):
    """The ticket is forged, expired, or of another path."""

    code = "ticket_refused"
    title = "This ticket is not valid."


class _Claims(BaseModel):
    sub: UUID
    role: Role
    session_id: UUID
    path: str
    exp: Annotated[int, Field(strict=True)]


def issue_ticket(settings: Settings, identity: Identity, path: str, expires_at: datetime) -> str:
    """A ticket for `path` that is valid until `expires_at`."""
    claims = {
        "sub": str(identity.profile_id),
        "role": identity.role,
        "session_id": str(identity.session_id),
        "path": path,
        "aud": _AUDIENCE,
        "iss": settings.public_url,
        "exp": int(expires_at.timestamp()),
    }
    return jwt.encode(  # pyright: ignore[reportUnknownMemberType] - pyjwt names types of a package HS256 does not need
        claims, settings.jwt_secret.get_secret_value(), algorithm=ALGORITHM
    )


def verify_ticket(settings: Settings, ticket: str, path: str, now: datetime) -> Identity:
    """The identity in a ticket for `path`. Raises TicketRefused."""
    try:
        # Never the algorithm that the ticket names. The injected clock checks the expiry below.
        payload = jwt.decode(  # pyright: ignore[reportUnknownMemberType] - as above
            ticket,
            settings.jwt_secret.get_secret_value(),
            algorithms=[ALGORITHM],
            audience=_AUDIENCE,
            issuer=settings.public_url,
            options={"require": _REQUIRED, "verify_exp": False},
        )
        claims = _Claims.model_validate(payload)
    except (jwt.InvalidTokenError, ValidationError):
        raise TicketRefused("Ask for a new one at POST /streams/tickets.") from None
    if claims.exp <= now.timestamp() or claims.path != path:
        raise TicketRefused("A ticket is valid for one path and a minute; ask for a new one.")
    return Identity(claims.sub, claims.role, claims.session_id)
