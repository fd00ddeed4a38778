"""Open a checkout at Stripe."""

from datetime import datetime
from typing import NoReturn

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session, sessionmaker

from api.deps import Caller, ClockDep, SessionsDep, SettingsDep
from api.gateways import PaymentGatewayDep
from api.idempotency import IdempotentRequest, IdempotentRequestDep
from api.refusals import refuses
from api.schemas.payments import CheckoutOut, NewCheckout
from core.payments.checkout import Plan, mark_closed, plan, store_checkout
from core.payments.payable import why_not_opened
from core.payments.problems import (
    CheckoutOvertaken,
    CheckoutUnknown,
    OrderAlreadyPaid,
    OrderCancelled,
    OrderExpired,
    PaymentInProgress,
)
from core.payments.provider import ask_previous, close_checkout, open_checkout
from core.ports.payments import CheckoutSession, FetchedSession, PaymentGateway
from core.problems import NotFound, Problem
from core.webhooks.fetched import record_fetched

router = APIRouter(prefix="/payments", tags=["payments"])


@router.post("/stripe/create-session", response_model=CheckoutOut, operation_id="checkouts.open")
@refuses(
    CheckoutOvertaken, CheckoutUnknown, NotFound, OrderAlreadyPaid, OrderCancelled, OrderExpired, PaymentInProgress
)
def create_session(
    body: NewCheckout,
    caller: Caller,
    sessions: SessionsDep,
    idempotency: IdempotentRequestDep,
    clock: ClockDep,
    settings: SettingsDep,
    gateway: PaymentGatewayDep,
) -> Response:
    """Open a checkout for the caller's own pending order."""
    buyer, url = caller.profile_id, settings.public_url
    with sessions.begin() as session:
        if replay := idempotency.find_response(session):
            return replay
        planned = plan(session, body.order_id, buyer, body.ui_mode, now=clock(), public_url=url)
    previous = _asked(sessions, gateway, planned, clock())
    opened = open_checkout(gateway, planned, previous)
    with sessions.begin() as session:
        answer = idempotency.find_response(session) or _stored(session, idempotency, planned, opened, clock())
    return answer if isinstance(answer, Response) else _refused(gateway, opened, answer)


def _asked(
    sessions: sessionmaker[Session], gateway: PaymentGateway, planned: Plan, now: datetime
) -> FetchedSession | None:
    previous = ask_previous(gateway, planned)
    if previous is None and planned.reuses and planned.previous:
        with sessions.begin() as session:
            mark_closed(session, planned.previous, now)
        raise CheckoutUnknown("Ask again for another checkout.", retry_after=1)
    if previous and (problem := why_not_opened(previous, reuses=planned.reuses)):
        with sessions.begin() as session:
            record_fetched(session, previous, now)
        raise problem
    return previous


def _stored(
    session: Session, idempotency: IdempotentRequest, planned: Plan, opened: CheckoutSession, now: datetime
) -> Response | Problem:
    lost = store_checkout(session, planned, opened, now=now)
    return lost or idempotency.store_response(session, 200, CheckoutOut.of(opened), {})


def _refused(gateway: PaymentGateway, opened: CheckoutSession, problem: Problem) -> NoReturn:
    close_checkout(gateway, opened.id)
    raise problem
