"""Place, read, cancel and refund orders."""

from datetime import datetime, timedelta
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session, sessionmaker

from api.deps import Caller, ClockDep, SessionDep, SessionsDep, SettingsDep
from api.event_stream import EventStream, StreamReader, open_stream
from api.followed import Topic
from api.gateways import PaymentGatewayDep
from api.idempotency import Idempotency, IdempotentRequest, IdempotentRequestDep
from api.pages import NewestPage, Page, page_of
from api.refusals import refuses
from api.schemas.orders import NewOrder, OrderOut
from api.schemas.refunds import AskedRefundOut, OrderDetailOut
from api.streams import StreamsFull, TooManyStreams
from core.offers.seats import SeatsFull
from core.orders.cancel import cancel, checkout_to_ask
from core.orders.place import place
from core.orders.problems import (
    CourseOwned,
    CurrencyMixed,
    OrderNotCancellable,
    OrderOpen,
    OrderTooLarge,
    OrderTooSmall,
    ProductTwice,
    ProductUnavailable,
    SeatOwned,
)
from core.orders.view import list_own, view
from core.payments.provider import ask
from core.ports.payments import FetchedSession
from core.problems import NotFound
from core.refunds.ask import ask as ask_refund
from core.refunds.inputs import RefundInput
from core.refunds.problems import (
    ItemRefunded,
    ItemRepeated,
    ItemUnknown,
    OrderNotRefundable,
    RefundForbidden,
    RefundOverLeft,
    RefundProgressOver,
    RefundTimeOver,
)
from core.refunds.view import refunds_of
from core.webhooks.fetched import record_fetched

router = APIRouter(tags=["orders"])


@router.post("/orders", status_code=201, response_model=OrderOut, operation_id="orders.place")
@refuses(
    CourseOwned,
    CurrencyMixed,
    OrderOpen,
    OrderTooLarge,
    OrderTooSmall,
    ProductTwice,
    ProductUnavailable,
    SeatOwned,
    SeatsFull,
)
def place_order(
    body: NewOrder,
    caller: Caller,
    session: SessionDep,
    idempotency: Idempotency,
    clock: ClockDep,
    settings: SettingsDep,
) -> Response:
    """Place an order; it can be paid until `expires_at`. A free order is paid and fulfilled without a payment."""
    open_for = timedelta(minutes=settings.order_minutes)

    def work() -> OrderOut:
        requested = [item.requested() for item in body.items]
        order_id = place(session, caller.profile_id, requested, now=clock(), open_for=open_for)
        return OrderOut.of(view(session, order_id, caller.profile_id, now=clock()))

    return idempotency(201, work, location=lambda order: f"/orders/{order.id}")


@router.get("/orders/{order_id}", operation_id="orders.get")
@refuses(NotFound)
def get_order(order_id: UUID, caller: Caller, session: SessionDep, clock: ClockDep) -> OrderDetailOut:
    """The caller's own order with its refunds; an operator can read every order."""
    order = view(session, order_id, caller.profile_id, now=clock(), sees_all=caller.is_operator)
    return OrderDetailOut.detail(order, refunds_of(session, order_id, clock()))


@router.get("/orders/{order_id}/events", response_class=EventStream, operation_id="orders.stream")
@refuses(NotFound, TooManyStreams, StreamsFull)
def get_order_events(
    order_id: UUID, request: Request, reader: StreamReader, session: SessionDep, clock: ClockDep
) -> Response:
    """The order now and after each change, as server-sent events `order`; the event `finished` ends the stream."""
    topic = Topic("order", order_id)
    return open_stream(request, topic, reader, topic.read(session, reader, clock()))


@router.get("/me/orders", operation_id="orders.list")
def list_orders(caller: Caller, session: SessionDep, page: NewestPage, clock: ClockDep) -> Page[OrderOut]:
    """The caller's own orders, newest first."""
    return page_of(list_own(session, caller.profile_id, page, clock()), OrderOut.of)


@router.post("/orders/{order_id}/cancel", response_model=OrderOut, operation_id="orders.cancel")
@refuses(NotFound, OrderNotCancellable)
def cancel_order(
    order_id: UUID,
    caller: Caller,
    sessions: SessionsDep,
    idempotency: IdempotentRequestDep,
    clock: ClockDep,
    gateway: PaymentGatewayDep,
) -> Response:
    """Cancel the caller's own pending order; cancelling it again changes nothing."""
    buyer = caller.profile_id
    with sessions.begin() as session:
        if replay := idempotency.find_response(session):
            return replay
        checkout = checkout_to_ask(session, order_id, buyer)
    if checkout:
        _refuse_if_paid(sessions, ask(gateway, checkout), clock())
    with sessions.begin() as session:
        return idempotency.find_response(session) or _cancelled(session, idempotency, order_id, buyer, clock())


@router.post("/orders/{order_id}/refund", status_code=202, response_model=AskedRefundOut, operation_id="orders.refund")
@refuses(
    ItemRefunded,
    ItemRepeated,
    ItemUnknown,
    NotFound,
    OrderNotRefundable,
    RefundForbidden,
    RefundOverLeft,
    RefundProgressOver,
    RefundTimeOver,
)
def refund_order(
    order_id: UUID, body: RefundInput, caller: Caller, session: SessionDep, idempotency: Idempotency, clock: ClockDep
) -> Response:
    """Ask for money back: the buyer within the terms, the teacher of the items, or an operator.

    Without items and amount all that is left is given back.
    """
    return idempotency(
        202,
        lambda: AskedRefundOut.asked(ask_refund(session, order_id, caller, body, now=clock())),
        location=lambda refund: refund.job,
    )


def _refuse_if_paid(sessions: sessionmaker[Session], fetched: FetchedSession | None, now: datetime) -> None:
    if fetched and fetched.payment_begun:
        with sessions.begin() as session:
            record_fetched(session, fetched, now)
        raise OrderNotCancellable("A payment of the order has begun; the order shows soon what became of it.")


def _cancelled(
    session: Session, idempotency: IdempotentRequest, order_id: UUID, buyer_id: UUID, now: datetime
) -> Response:
    cancel(session, order_id, buyer_id)
    return idempotency.store_response(session, 200, OrderOut.of(view(session, order_id, buyer_id, now=now)), {})
