"""Place, read and cancel orders."""

from datetime import timedelta
from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import Caller, ClockDep, SessionDep, SessionsDep, SettingsDep
from api.gateways import PaymentGatewayDep
from api.idempotency import Idempotency
from api.pages import NewestPage, Page, page_of
from api.schemas.orders import NewOrder, OrderOut
from core.orders.cancel import cancel
from core.orders.place import place
from core.orders.view import list_own, view
from core.payments.provider import close_checkout

router = APIRouter(tags=["orders"])


@router.post("/orders", status_code=201, response_model=OrderOut)
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
        return OrderOut.of(view(session, order_id, caller.profile_id))

    return idempotency(201, work, location=lambda order: f"/orders/{order.id}")


@router.get("/orders/{order_id}")
def get_order(order_id: UUID, caller: Caller, session: SessionDep) -> OrderOut:
    """The caller's own order; an operator can read every order."""
    return OrderOut.of(view(session, order_id, caller.profile_id, sees_all=caller.role == "admin"))


@router.get("/me/orders")
def list_orders(caller: Caller, session: SessionDep, page: NewestPage) -> Page[OrderOut]:
    """The caller's own orders, newest first."""
    return page_of(list_own(session, caller.profile_id, page), OrderOut.of)


@router.post("/orders/{order_id}/cancel", response_model=OrderOut)
def cancel_order(
    order_id: UUID, caller: Caller, sessions: SessionsDep, idempotency: Idempotency, gateway: PaymentGatewayDep
) -> Response:
    """Cancel the caller's own pending order; cancelling it again changes nothing."""
    with sessions.begin() as session:
        if replay := idempotency.find_response(session):
            return replay
        checkout = cancel(session, order_id, caller.profile_id)
        cancelled = OrderOut.of(view(session, order_id, caller.profile_id))
        answer = idempotency.store_response(session, 200, cancelled, {})
    close_checkout(gateway, checkout)
    return answer
