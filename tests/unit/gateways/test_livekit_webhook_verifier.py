"""Which deliveries come from the LiveKit server."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from livekit.api import AccessToken

from core.gateways.livekit_webhooks import LiveKitWebhookVerifier
from core.ports.webhooks import SignatureInvalid

KEY, SECRET = "testkey", "a-secret-of-the-tests-with-32-bytes"
BODY = b'{"event":"room_started"}'
VERIFIER = LiveKitWebhookVerifier(KEY, SECRET)


def digest(body: bytes = BODY) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


def signed(now: datetime, *, key: str = KEY, secret: str = SECRET, **claims: object) -> str:
    stamp = int(now.timestamp())
    given = {"iss": key, "nbf": stamp, "exp": stamp + 300, "sha256": digest(), **claims}
    return jwt.encode(given, secret, algorithm="HS256")


def test_a_signature_of_the_sdk_is_accepted() -> None:
    now = datetime.now(UTC)
    VERIFIER.verify(BODY, AccessToken(KEY, SECRET).with_sha256(digest()).to_jwt(), now)


def test_a_token_is_valid_for_its_time_and_a_minute() -> None:
    now = datetime(2026, 6, 1, tzinfo=UTC)
    for age in (-60, 0, 360):
        VERIFIER.verify(BODY, signed(now), now + timedelta(seconds=age))
    with pytest.raises(SignatureInvalid, match="too old"):
        VERIFIER.verify(BODY, signed(now), now + timedelta(seconds=361))
    with pytest.raises(SignatureInvalid, match="future"):
        VERIFIER.verify(BODY, signed(now), now - timedelta(seconds=61))


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("", "no token"),
        ("a" * 5_000, "no token"),
        ("ö", "no token"),
        ("a.b.c", "not of this server"),
        (signed(datetime(2026, 6, 1, tzinfo=UTC), secret=SECRET[::-1]), "not of this server"),
        (signed(datetime(2026, 6, 1, tzinfo=UTC), key="another"), "not of this server"),
        (jwt.encode({"iss": KEY, "sha256": digest()}, "", algorithm="none"), "not of this server"),
        (signed(datetime(2026, 6, 1, tzinfo=UTC), sha256=digest(b"{}")), "another body"),
        (signed(datetime(2026, 6, 1, tzinfo=UTC), sha256=None), "another body"),
        (signed(datetime(2026, 6, 1, tzinfo=UTC), exp=None), "too old"),
    ],
)
def test_what_does_not_prove_the_body_is_refused(token: str, reason: str) -> None:
    with pytest.raises(SignatureInvalid, match=reason):
        VERIFIER.verify(BODY, token, datetime(2026, 6, 1, tzinfo=UTC))
