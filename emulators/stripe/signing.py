"""The `Stripe-Signature` header: https://docs.stripe.com/webhooks#verify-manually."""

import hmac


def signature_header(body: bytes, secret: str, timestamp: int) -> str:
    """`t=…,v1=…`, HMAC-SHA256 over the timestamp (seconds since 1970), a dot and the raw body."""
    signed = f"{timestamp}.".encode() + body
    return f"t={timestamp},v1={hmac.new(secret.encode(), signed, 'sha256').hexdigest()}"
