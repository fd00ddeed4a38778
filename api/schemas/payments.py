from uuid import UUID

from pydantic import Field

from api.schemas.base import Schema, Time
from core.inputs import Input
from core.ports.payments import CheckoutSession, UiMode


class NewCheckout(Input):
    """The order to pay, and where: `elements` is a form in the client, `hosted_page` is a page at Stripe."""

    order_id: UUID
    ui_mode: UiMode


class CheckoutOut(Schema):
    """An open checkout. A repeated request for the same order and `ui_mode` returns the same one."""

    session_id: str
    client_secret: str | None = Field(description="For `elements`: opens the payment form in the client.")
    url: str | None = Field(description="For `hosted_page`: the page that the buyer pays on.")
    expires_at: Time

    @classmethod
    def of(cls, opened: CheckoutSession) -> "CheckoutOut":
        """The checkout as a client sees it."""
        return cls(
            session_id=opened.id,
            client_secret=opened.client_secret,
            url=opened.url,
            expires_at=opened.expires_at,
        )
