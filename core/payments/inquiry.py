"""A question to the provider about one checkout, as the job that asks it holds it."""

from dataclasses import dataclass

from core.payments.provider import close_and_fetch, log_unknown
from core.ports.errors import GatewayNotFound
from core.ports.payments import FetchedSession, PaymentGateway


@dataclass(slots=True)
class Inquiry:
    """`closes`: the session is closed before it is fetched.

    After `ask`, `fetched` is the answer; or `unknown` is set, when the provider has no such session.
    """

    session_id: str
    closes: bool = False
    fetched: FetchedSession | None = None
    unknown: bool = False

    def ask(self, gateway: PaymentGateway) -> None:
        """Ask the provider and keep the answer. Raises GatewayError."""
        fetch = close_and_fetch if self.closes else _fetch
        try:
            self.fetched = fetch(gateway, self.session_id)
        except GatewayNotFound:
            log_unknown(self.session_id)
            self.unknown = True


def _fetch(gateway: PaymentGateway, session_id: str) -> FetchedSession:
    return gateway.fetch_checkout_session(session_id)
