"""Proof that a delivery comes from the LiveKit server.

https://docs.livekit.io/home/server/webhooks/
"""

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Any, Final

import jwt
from jwt.types import Options

from core.ports.webhooks import SignatureInvalid

_LONGEST: Final = 4_096


class LiveKitWebhookVerifier:
    """Checks the `Authorization` header: a token of the server's key, whose `sha256` is that of the body.

    The token tells until when it is valid; a clock may be `tolerance_s` seconds wrong.
    """

    def __init__(self, key: str, secret: str, tolerance_s: int = 60) -> None:
        self._key, self._secret = key, secret
        self._tolerance_s = tolerance_s

    def verify(self, body: bytes, signature: str, now: datetime) -> None:
        """Return when the header proves the raw body; raise `SignatureInvalid` with the reason otherwise."""
        claims = self._claims(signature)
        stamp = now.timestamp()
        until, since = claims.get("exp"), claims.get("nbf", stamp)
        if not isinstance(until, int) or until + self._tolerance_s < stamp:
            raise SignatureInvalid("the token is too old")
        if not isinstance(since, int | float) or since - self._tolerance_s > stamp:
            raise SignatureInvalid("the token is from the future")
        digest = base64.b64encode(hashlib.sha256(body).digest())
        if not hmac.compare_digest(digest, str(claims.get("sha256")).encode()):
            raise SignatureInvalid("the token is of another body")

    def _claims(self, token: str) -> dict[str, Any]:
        if not token or len(token) > _LONGEST or not token.isascii():
            raise SignatureInvalid("the header carries no token")
        # The times are checked against the given clock.
        unchecked: Options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
        try:
            return jwt.decode(token, self._secret, algorithms=["HS256"], issuer=self._key, options=unchecked)
        except jwt.InvalidTokenError as error:
            raise SignatureInvalid("the token is not of this server's key") from error
