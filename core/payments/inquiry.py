"""A question to the provider about one checkout, as the job that asks it holds it."""

from dataclasses import dataclass

from core.payments.provider import close_and_fetch
from core.ports.payments import FetchedSession, PaymentGateway


@dataclass(slots=True)
class Inquiry:
    """`closes`: the session is closed before it is fetched. `fetched` is the answer, after `ask`."""

    session_id: str
    closes: bool = False
    fetched: FetchedSession | None = None

    def ask(self, gateway: PaymentGateway) -> None:
        """Ask the provider and keep the answer. Raises GatewayError."""
        if self.closes:
            self.fetched = close_and_fetch(gateway, self.session_id)
        else:
            self.fetched = gateway.fetch_checkout_session(self.session_id)
