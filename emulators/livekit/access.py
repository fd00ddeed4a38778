"""Who may call: a token signed with the key, and the grant that the call needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from starlette.requests import Request


class CallRefusedError(Exception):
    """A Twirp error (https://twitchtv.github.io/twirp/docs/errors.html): its code, and the HTTP status."""

    def __init__(self, code: str, status: int, message: str) -> None:
        super().__init__(message)
        self.code, self.status = code, status


@dataclass(frozen=True, slots=True)
class Key:
    """The server's one key, with its secret."""

    name: str
    secret: str

    def grants_of(self, request: Request) -> Mapping[str, Any]:
        """The grants of the request's token. Raises CallRefusedError (401) for a missing, forged or expired one."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise CallRefusedError("unauthenticated", 401, "no token")
        try:
            claims = jwt.decode(token, self.secret, algorithms=["HS256"], issuer=self.name, leeway=60)
        except jwt.InvalidTokenError as error:
            raise CallRefusedError("unauthenticated", 401, "invalid token") from error
        return claims.get("video", {})


def require(grants: Mapping[str, Any], grant: str, room: str | None = None) -> None:
    """Refuse a token without the grant, or with it for another room. Raises CallRefusedError (401)."""
    if not grants.get(grant) or (room is not None and grants.get("room") != room):
        raise CallRefusedError("unauthenticated", 401, "permissions denied")
