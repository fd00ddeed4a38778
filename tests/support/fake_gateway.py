"""A payment gateway without a network."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import orjson

from core.ports.errors import GatewayError
from core.ports.payments import CheckoutRequest, CheckoutSession, FetchedSession, SessionStatus
from tests.support.purchases import Purchase, paid_event


@dataclass(slots=True)
class FakeGateway:
    """The same key gives the same session. Every call raises `fault` if it is set.

    `while_opening` runs before a session is returned. A session is open until it is expired, or as `answers` says.
    `events` are the provider's, by id.
    """

    fault: GatewayError | None = None
    while_opening: Callable[[], object] = field(default=lambda: None)
    opened: dict[str, CheckoutRequest] = field(default_factory=dict[str, CheckoutRequest])
    expired: list[str] = field(default_factory=list[str])
    fetched: list[str] = field(default_factory=list[str])
    events: dict[str, Mapping[str, object]] = field(default_factory=dict[str, Mapping[str, object]])
    answers: dict[str, FetchedSession | GatewayError] = field(default_factory=dict[str, FetchedSession | GatewayError])

    def create_checkout_session(self, request: CheckoutRequest) -> CheckoutSession:
        if self.fault:
            raise self.fault
        assert self.opened.setdefault(request.idempotency_key, request) == request, "same key, other request"
        self.while_opening()
        return CheckoutSession(f"cs_{request.idempotency_key}", "secret", None, request.expires_at)

    def expire_checkout_session(self, session_id: str) -> None:
        if self.fault:
            raise self.fault
        self.expired.append(session_id)

    def fetch_checkout_session(self, session_id: str) -> FetchedSession:
        if self.fault:
            raise self.fault
        self.fetched.append(session_id)
        answer = self.answers.get(session_id)
        if isinstance(answer, GatewayError):
            raise answer
        return answer or self._opened_as(session_id)

    def _opened_as(self, session_id: str) -> FetchedSession:
        request = self.opened[session_id.removeprefix("cs_")]
        return FetchedSession(
            session=CheckoutSession(session_id, "secret", None, request.expires_at),
            status="expired" if session_id in self.expired else "open",
            payment_status="unpaid",
            payment_id=None,
            payment_failed=False,
            amount_total=sum(item.unit_amount * item.quantity for item in request.items),
            currency=request.currency,
            order_id=request.order_id,
            livemode=False,
            raw={},
        )

    def fetch_event(self, event_id: str) -> Mapping[str, object]:
        return self.events[event_id]


def fetched_session(
    purchase: Purchase, status: SessionStatus, payment_status: str = "unpaid", *, payment_failed: bool = False
) -> FetchedSession:
    """What the provider says about a purchase's session."""
    body = orjson.loads(paid_event(purchase, status=status, payment_status=payment_status))
    return FetchedSession(
        session=CheckoutSession(purchase.session_id, None, None, datetime(2026, 12, 1, tzinfo=UTC)),
        status=status,
        payment_status=payment_status,
        payment_id=purchase.payment_id,
        payment_failed=payment_failed,
        amount_total=purchase.amount,
        currency="SEK",
        order_id=str(purchase.order_id),
        livemode=False,
        raw=body["data"]["object"],
    )
