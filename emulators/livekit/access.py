"""Who may call: a token signed with the key, and the grant that the call needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import jwt
from livekit.protocol.models import ParticipantPermission, TrackSource
from starlette.requests import HTTPConnection

# Seconds that the clocks of caller and server may differ by, as in the server.
_LEEWAY: Final = 60
# A token that a connected client gets to come back with, as in the server.
_REFRESHED_LIFE: Final = timedelta(minutes=10)


class CallRefusedError(Exception):
    """A Twirp error (https://twitchtv.github.io/twirp/docs/errors.html): its code, and the HTTP status."""

    def __init__(self, code: str, status: int, message: str) -> None:
        super().__init__(message)
        self.code, self.status = code, status


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says. `grants` is its `video`: https://docs.livekit.io/home/get-started/authentication."""

    raw: Mapping[str, Any]

    @property
    def grants(self) -> Mapping[str, Any]:
        """The rights, by the names that they have in the token."""
        return self.raw.get("video", {})

    @property
    def identity(self) -> str:
        """Who comes in; one identity is in a room only once."""
        return self.raw.get("sub", "")

    @property
    def name(self) -> str:
        """The name that others see."""
        return self.raw.get("name", "")

    @property
    def metadata(self) -> str:
        """What the application says about the participant."""
        return self.raw.get("metadata", "")

    @property
    def attributes(self) -> Mapping[str, str]:
        """The same, in pairs."""
        return self.raw.get("attributes", {})

    @property
    def permission(self) -> ParticipantPermission:
        """What the participant may do. A right that the token does not mention is given, as in the server."""
        grants = self.grants
        publishes = grants.get("canPublish", True)
        return ParticipantPermission(
            can_subscribe=grants.get("canSubscribe", True),
            can_publish=publishes,
            can_publish_data=grants.get("canPublishData", publishes),
            can_publish_sources=[name.upper() for name in grants.get("canPublishSources", ())],
            can_update_metadata=grants.get("canUpdateOwnMetadata", False),
            hidden=grants.get("hidden", False),
        )

    def permitted(self, permission: ParticipantPermission) -> "Claims":
        """The same with other rights."""
        changed = {
            "canSubscribe": permission.can_subscribe,
            "canPublish": permission.can_publish,
            "canPublishData": permission.can_publish_data,
            "canPublishSources": [TrackSource.Name(source).lower() for source in permission.can_publish_sources],
            "canUpdateOwnMetadata": permission.can_update_metadata,
        }
        return Claims({**self.raw, "video": {**self.grants, **changed}})


@dataclass(frozen=True, slots=True)
class Key:
    """The server's one key, with its secret."""

    name: str
    secret: str

    def claims_of(self, connection: HTTPConnection) -> Claims:
        """The claims of a call's token, from the header or the query. Raises CallRefusedError (401)."""
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            token = connection.query_params.get("access_token", "")
        if not token:
            raise CallRefusedError("unauthenticated", 401, "no token")
        try:
            return Claims(jwt.decode(token, self.secret, algorithms=["HS256"], issuer=self.name, leeway=_LEEWAY))
        except jwt.InvalidTokenError as error:
            raise CallRefusedError("unauthenticated", 401, "invalid token") from error

    def refreshed(self, claims: Claims, now: float) -> str:
        """A new token with the same rights; `now` in seconds since 1970."""
        begins = datetime.fromtimestamp(now, UTC)
        return jwt.encode(
            {**claims.raw, "iss": self.name, "nbf": begins, "exp": begins + _REFRESHED_LIFE}, self.secret, "HS256"
        )


def require(grants: Mapping[str, Any], grant: str, room: str | None = None) -> None:
    """Refuse a token without the grant, or with it for another room. Raises CallRefusedError (401)."""
    if not grants.get(grant) or (room is not None and grants.get("room") != room):
        raise CallRefusedError("unauthenticated", 401, "permissions denied")


def may_publish(permission: ParticipantPermission, source: TrackSource) -> bool:
    """Whether a participant may send a track of this source; without a list of sources, of any."""
    return permission.can_publish and (not permission.can_publish_sources or source in permission.can_publish_sources)
