"""A payment gateway without a network."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from core.ports.errors import GatewayError
from core.ports.payments import CheckoutRequest, CheckoutSession


@dataclass(slots=True)
class FakeGateway:
    """The same key gives the same session. Every call raises `fault` if it is set.

    `while_opening` runs before a session is returned.
    """

    fault: GatewayError | None = None
    while_opening: Callable[[], object] = field(default=lambda: None)
    opened: dict[str, CheckoutRequest] = field(default_factory=dict[str, CheckoutRequest])
    expired: list[str] = field(default_factory=list[str])

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

    def fetch_event(self, event_id: str) -> Mapping[str, object]:
        raise NotImplementedError(event_id)
