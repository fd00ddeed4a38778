"""What the webhook endpoint needs from a provider: proof that a delivery is genuine."""

from datetime import datetime
from typing import Protocol


class SignatureInvalid(Exception):  # noqa: N818 - likewise
    """A delivery's signature is missing, malformed, forged, stale or from the future."""


class WebhookVerifier(Protocol):
    """Tells a genuine delivery from a forged one."""

    def verify(self, body: bytes, signature: str, now: datetime) -> None:
        """Return when `signature` proves `body`; raise `SignatureInvalid` otherwise."""
        ...
