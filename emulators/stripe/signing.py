"""Signed webhook requests: https://docs.stripe.com/webhooks#verify-manually."""

import hmac
import json

from emulators.stripe.json_types import Json


def webhook_request(event: Json, secret: str, timestamp: int) -> tuple[bytes, dict[str, str]]:
    """The body and the headers that deliver an event; `timestamp` in seconds since 1970."""
    body = json.dumps(event, indent=2, ensure_ascii=False).encode()
    return body, {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "Stripe-Signature": signature_header(body, secret, timestamp),
    }


def signature_header(body: bytes, secret: str, timestamp: int) -> str:
    """`t=…,v1=…`, HMAC-SHA256 over the timestamp (seconds since 1970), a dot and the raw body."""
    signed = f"{timestamp}.".encode() + body
    return f"t={timestamp},v1={hmac.new(secret.encode(), signed, 'sha256').hexdigest()}"
