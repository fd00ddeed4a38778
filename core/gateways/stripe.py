"""Payments by Stripe: Checkout Sessions through the official SDK, and the proof of its webhooks."""

import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar, cast

import stripe

from core.ports.errors import (
    GatewayDeferred,
    GatewayKeySpent,
    GatewayNotFound,
    GatewayRejected,
    GatewayUnavailable,
)
from core.ports.payments import CheckoutRequest, CheckoutSession, FetchedSession, SessionStatus
from core.ports.refunds import ProviderRefund, RefundRequest
from core.ports.webhooks import SignatureInvalid

if TYPE_CHECKING:
    from stripe.params import RefundCreateParams
    from stripe.params.checkout import SessionCreateParams

# Seconds. Stripe accepts a connection within milliseconds; some calls, such as those that ask a bank, take seconds.
CONNECT_S, ANSWER_S = 3.0, 8.0
# One repetition is for a kept connection that the far side has closed. More would make a buyer, or a worker, wait:
# the buyer's client and the job repeat the call later.
RETRIES = 1
# A rate limit ends within seconds; a longer Retry-After would hide the end of an outage.
LONGEST_RETRY_AFTER_S = 300.0
# The most that Stripe gives in one page of a list.
_PAGE = 100
_NOT_FOUND, _CONFLICT, _RATE_LIMITED, _SERVER_FAULT = 404, 409, 429, 500
_Answer = TypeVar("_Answer")


class StripeGateway:
    """Calls Stripe, or another server with its API at `api_base`.

    Each request may take 3 s to connect and 8 s to be answered; the SDK repeats it once with the same
    idempotency key.
    """

    def __init__(self, secret_key: str, api_base: str | None = None) -> None:
        if not secret_key:
            raise ValueError("the Stripe secret key is empty")
        self._client = stripe.StripeClient(
            secret_key,
            base_addresses={"api": api_base.rstrip("/")} if api_base else None,
            http_client=stripe.RequestsClient(timeout=(CONNECT_S, ANSWER_S)),
            max_network_retries=RETRIES,
        )

    def create_checkout_session(self, request: CheckoutRequest) -> CheckoutSession:
        """Open a checkout; the same idempotency key answers the same session."""
        sessions = self._client.v1.checkout.sessions
        session = _call(lambda: sessions.create(_params(request), {"idempotency_key": request.idempotency_key}))
        return _session_of(session)

    def expire_checkout_session(self, session_id: str) -> None:
        """Close an open checkout; one that is already paid or expired stays as it is."""
        sessions = self._client.v1.checkout.sessions
        try:
            _call(lambda: sessions.expire(session_id))
        except GatewayRejected:
            # Stripe has no error code for "not open": look at the session instead of reading the message.
            if _call(lambda: sessions.retrieve(session_id)).status == "open":
                raise

    def fetch_checkout_session(self, session_id: str) -> FetchedSession:
        """The checkout as Stripe holds it, with what became of its payment."""
        sessions = self._client.v1.checkout.sessions
        return _fetched(_call(lambda: sessions.retrieve(session_id, {"expand": ["payment_intent"]})))

    def create_refund(self, request: RefundRequest) -> ProviderRefund:
        """Give money back; the same idempotency key answers the same refund."""
        params: RefundCreateParams = {
            "payment_intent": request.payment_id,
            "amount": request.amount,
            "metadata": {"refund_id": request.refund_id, "order_id": request.order_id},
        }
        refunds = self._client.v1.refunds
        return _refund_of(_call(lambda: refunds.create(params, {"idempotency_key": request.idempotency_key})))

    def find_refund(self, payment_id: str, refund_id: str) -> ProviderRefund | None:
        """The refund of a payment whose metadata has `refund_id`, or None."""
        refunds = self._client.v1.refunds
        page = _call(lambda: refunds.list({"payment_intent": payment_id, "limit": _PAGE}))
        # Further pages are fetched while the loop runs.
        found = _call(lambda: next((one for one in page.auto_paging_iter() if _names(one, refund_id)), None))
        return _refund_of(found) if found else None

    def request(self, ask: Callable[[stripe.StripeClient], _Answer]) -> _Answer:
        """The answer to another request through the same client. Raises GatewayError."""
        return _call(lambda: ask(self._client))


# A payment intent in one of these states will bring no money by itself.
# https://docs.stripe.com/payments/paymentintents/lifecycle
_FAILED_INTENT = {"requires_payment_method", "canceled"}


def _names(refund: stripe.Refund, refund_id: str) -> bool:
    metadata = cast("Mapping[str, str]", refund.to_dict().get("metadata") or {})
    return metadata.get("refund_id") == refund_id


def _refund_of(refund: stripe.Refund) -> ProviderRefund:
    return ProviderRefund(refund.id, refund.status or "pending", refund.amount)


def _session_of(session: stripe.checkout.Session) -> CheckoutSession:
    ends = datetime.fromtimestamp(session.expires_at, UTC)
    return CheckoutSession(session.id, session.client_secret, session.url, ends)


def _fetched(session: stripe.checkout.Session) -> FetchedSession:
    intent = session.payment_intent
    state = None if intent is None or isinstance(intent, str) else intent.status
    payment_id = intent if intent is None or isinstance(intent, str) else intent.id
    raw = cast("Mapping[str, object]", session.to_dict())
    unpaid = session.status == "complete" and session.payment_status == "unpaid"
    return FetchedSession(
        session=_session_of(session),
        status=cast("SessionStatus", session.status),
        payment_status=session.payment_status,
        payment_id=payment_id,
        payment_failed=unpaid and state in _FAILED_INTENT,
        amount_total=session.amount_total or 0,
        currency=(session.currency or "").upper(),
        order_id=cast("Mapping[str, str]", raw.get("metadata") or {}).get("order_id"),
        livemode=session.livemode,
        # A webhook names the payment by its id.
        raw={**raw, "payment_intent": payment_id},
    )


def _params(request: CheckoutRequest) -> "SessionCreateParams":
    metadata = {"order_id": request.order_id}
    params: SessionCreateParams = {
        "mode": "payment",
        "ui_mode": request.ui_mode,
        "client_reference_id": request.order_id,
        "customer_email": request.customer_email,
        "expires_at": int(request.expires_at.timestamp()),
        "line_items": [
            {
                "price_data": {
                    "currency": request.currency.lower(),
                    "product_data": {"name": item.name},
                    "unit_amount": item.unit_amount,
                },
                "quantity": item.quantity,
            }
            for item in request.items
        ],
        "metadata": metadata,
        "payment_intent_data": {"metadata": metadata},
    }
    if request.ui_mode == "elements":
        params["return_url"] = request.return_url
    else:
        params["success_url"] = request.return_url
        params["cancel_url"] = request.cancel_url
    return params


def _call(request: Callable[[], _Answer]) -> _Answer:
    try:
        return request()
    except stripe.StripeError as error:
        raise _translated(error) from error


def _translated(error: stripe.StripeError) -> GatewayUnavailable | GatewayRejected:
    """Which error it is: https://docs.stripe.com/error-low-level."""
    status = error.http_status or _SERVER_FAULT
    message = f"Stripe answered {status}: {error.user_message or type(error).__name__}"
    match error:
        case stripe.APIConnectionError():
            return GatewayUnavailable(f"Stripe: {type(error).__name__}")
        case stripe.AuthenticationError() | stripe.PermissionError():
            # Not the request's fault: it succeeds when the key is mended. The message quotes part of the key.
            return GatewayUnavailable(f"Stripe does not accept the secret key: {status}")
        case stripe.InvalidRequestError(code="resource_missing") if status == _NOT_FOUND:
            return GatewayNotFound(message)
        case _ if status == _CONFLICT:
            # Another call holds the same object, or is under way with the same idempotency key.
            return GatewayDeferred(message)
        case _ if status == _RATE_LIMITED or status >= _SERVER_FAULT:
            kept = _header(error, "idempotent-replayed") == "true"
            return (GatewayKeySpent if kept else GatewayUnavailable)(message, retry_after=_retry_after(error))
        case _:
            return GatewayRejected(message)


def _retry_after(error: stripe.StripeError) -> float | None:
    """The header's seconds; None without it, or where it has a date, which Stripe does not send."""
    value = _header(error, "retry-after") or ""
    return min(float(value), LONGEST_RETRY_AFTER_S) if value.isascii() and value.isdigit() else None


def _header(error: stripe.StripeError, name: str) -> str | None:
    return (error.headers or {}).get(name)


class StripeWebhookVerifier:
    """Checks the `Stripe-Signature` header: https://docs.stripe.com/webhooks#verify-manually.

    Any of `secrets` may have signed, so that one can be rotated. A stamp may be `tolerance_s` seconds old, or as
    far in the future: the SDK lets a future stamp pass, which would let a leaked delivery be kept for later.
    """

    def __init__(self, secrets: Sequence[str], tolerance_s: int = 300) -> None:
        if not secrets or not all(secret.strip() for secret in secrets):
            raise ValueError("a Stripe webhook secret is empty: signatures made with it prove nothing")
        self._keys = tuple(secret.encode() for secret in secrets)
        self._tolerance_s = tolerance_s

    def verify(self, body: bytes, signature: str, now: datetime) -> None:
        """Return when the header proves the raw body; raise `SignatureInvalid` with the reason otherwise."""
        stamp, candidates = _parsed(signature)
        age = now.timestamp() - int(stamp)
        if age > self._tolerance_s:
            raise SignatureInvalid("the timestamp is too old")
        if -age > self._tolerance_s:
            raise SignatureInvalid("the timestamp is in the future")
        signed = stamp.encode() + b"." + body
        for key in self._keys:
            expected = hmac.digest(key, signed, "sha256").hex()
            if any(hmac.compare_digest(expected, candidate) for candidate in candidates):
                return
        raise SignatureInvalid("no signature matches")


_MAX_HEADER, _MAX_STAMP = 4_096, 15


def _parsed(header: str) -> tuple[str, list[str]]:
    if not header:
        raise SignatureInvalid("the header is missing")
    if len(header) > _MAX_HEADER or not header.isascii():
        raise SignatureInvalid("the header is malformed")
    pairs = [part.strip().partition("=") for part in header.split(",")]
    stamps = [value for name, _, value in pairs if name == "t"]
    candidates = [value for name, _, value in pairs if name == "v1"]
    if len(stamps) != 1 or not stamps[0].isdigit() or len(stamps[0]) > _MAX_STAMP:
        raise SignatureInvalid("the header carries no timestamp")
    if not candidates:
        raise SignatureInvalid("the header carries no v1 signature")
    return stamps[0], candidates
