"""Payments: open a checkout at Stripe."""

from datetime import datetime
from typing import NoReturn
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from api.deps import Caller, ClockDep, SessionsDep, SettingsDep
from api.gateways import PaymentGatewayDep
from api.idempotency import Idempotency, IdempotentRequest
from core.payments.checkout import Plan, plan, store_checkout
from core.payments.provider import close_checkout, open_checkout
from core.ports.payments import CheckoutSession, PaymentGateway, UiMode
from core.problems import Problem

router = APIRouter(prefix="/payments", tags=["payments"])


class NewCheckout(BaseModel):
    """Which order to pay, and how: `elements` inside the client, `hosted_page` at Stripe."""

    model_config = ConfigDict(extra="forbid")

    order_id: UUID
    ui_mode: UiMode


class CheckoutOut(BaseModel):
    """An open checkout. Asking again for the same order in the same way answers the same one."""

    session_id: str
    client_secret: str | None = Field(description="For `elements`: opens the payment form in the client.")
    url: str | None = Field(description="For `hosted_page`: where to send the buyer.")
    expires_at: datetime

    @classmethod
    def of(cls, opened: CheckoutSession) -> "CheckoutOut":
        """The checkout as a client sees it."""
        return cls(
            session_id=opened.id,
            client_secret=opened.client_secret,
            url=opened.url,
            expires_at=opened.expires_at,
        )


@router.post("/stripe/create-session", response_model=CheckoutOut)
def create_session(
    wanted: NewCheckout,
    caller: Caller,
    sessions: SessionsDep,
    idempotency: Idempotency,
    clock: ClockDep,
    settings: SettingsDep,
    gateway: PaymentGatewayDep,
) -> Response:
    """Open a checkout for one's own pending order."""
    buyer, url = caller.profile_id, settings.public_url
    with sessions.begin() as session:
        if replay := idempotency.find_response(session):
            return replay
        planned = plan(session, wanted.order_id, buyer, wanted.ui_mode, now=clock(), public_url=url)
    opened = open_checkout(gateway, planned)
    with sessions.begin() as session:
        answer = idempotency.find_response(session) or _stored(session, idempotency, planned, opened, clock())
    return answer if isinstance(answer, Response) else _refused(gateway, opened, answer)


def _stored(
    session: Session, idempotency: IdempotentRequest, planned: Plan, opened: CheckoutSession, now: datetime
) -> Response | Problem:
    lost = store_checkout(session, planned, opened, now=now)
    return lost or idempotency.store_response(session, 200, CheckoutOut.of(opened), {})


def _refused(gateway: PaymentGateway, opened: CheckoutSession, problem: Problem) -> NoReturn:
    close_checkout(gateway, opened.id)
    raise problem
