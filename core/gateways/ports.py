"""What the business needs from the outside world, as Protocols; adapters stand beside this file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

UiMode = Literal["elements", "hosted_page"]


class GatewayError(Exception):
    """The far side could not be used; the call may be repeated with the same idempotency key.

    GatewayError
    ├── GatewayUnavailable   no answer, a timeout, a 5xx or a rate limit: try again later
    └── GatewayRejected      the far side understood and refused: repeating changes nothing
    """


class GatewayUnavailable(GatewayError):  # noqa: N818 - a fact, not an Error suffix
    """The far side did not answer, or answered that it cannot now."""


class GatewayRejected(GatewayError):  # noqa: N818 - likewise
    """The far side refused the request as it stands."""


class SignatureInvalid(Exception):  # noqa: N818 - likewise
    """A delivery's signature is missing, malformed, forged, stale or from the future."""


@dataclass(frozen=True, slots=True)
class LineItem:
    """One line of a checkout: `unit_amount` in minor units of the session's currency."""

    name: str
    unit_amount: int
    quantity: int


@dataclass(frozen=True, slots=True)
class CheckoutRequest:
    """What a checkout session is made from; amounts in minor units, `currency` ISO 4217 upper case."""

    order_id: str
    customer_email: str
    currency: str
    items: Sequence[LineItem]
    ui_mode: UiMode
    return_url: str
    expires_at: datetime
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class CheckoutSession:
    """A session as the far side made it: `client_secret` for elements, `url` for the hosted page."""

    id: str
    client_secret: str | None
    url: str | None
    expires_at: datetime


class PaymentGateway(Protocol):
    """Takes payments. Raises `GatewayUnavailable` or `GatewayRejected`."""

    def create_checkout_session(self, request: CheckoutRequest) -> CheckoutSession:
        """Open a checkout; the same idempotency key answers the same session."""
        ...

    def expire_checkout_session(self, session_id: str) -> None:
        """Close an open checkout, so that it cannot be paid any more; a closed one stays as it is."""
        ...

    def fetch_event(self, event_id: str) -> Mapping[str, object]:
        """The event as the far side holds it."""
        ...


class WebhookVerifier(Protocol):
    """Tells a genuine delivery from a forged one."""

    def verify(self, body: bytes, signature: str, now: datetime) -> None:
        """Return when `signature` proves `body`; raise `SignatureInvalid` otherwise."""
        ...


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail; `message_id` is its stable RFC 5322 Message-ID, the same on every repetition."""

    message_id: str
    to: str
    subject: str
    text: str


class MailGateway(Protocol):
    """Hands a mail to the next server. Raises `GatewayUnavailable` or `GatewayRejected`."""

    def send(self, letter: Letter) -> None:
        """Return when the server has taken responsibility for the letter."""
        ...
