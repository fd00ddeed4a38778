"""Orders: place, look at, cancel."""

from datetime import datetime, timedelta
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from api.deps import Caller, ClockDep, SessionDep, SessionsDep, SettingsDep
from api.gateways import PaymentGatewayDep
from api.idempotency import Idempotency
from api.pages import NewestPage, Page, page_of
from core.orders.cancel import cancel
from core.orders.place import MAX_ITEMS, MAX_QUANTITY, RequestedItem, place
from core.orders.states import OrderState
from core.orders.view import Entitlement, OrderView, list_own, view
from core.payments.provider import close_checkout
from core.payments.states import PaymentState

router = APIRouter(tags=["orders"])


class NewItem(BaseModel):
    """A course, or a service so many times: exactly one of the two ids. Seminars are not sold yet."""

    model_config = ConfigDict(extra="forbid")

    course_id: UUID | None = None
    service_id: UUID | None = None
    quantity: Annotated[int, Field(strict=True, ge=1, le=MAX_QUANTITY)] = 1

    @model_validator(mode="after")
    def _one_product(self) -> Self:
        if (self.course_id is None) == (self.service_id is None):
            raise ValueError("give either course_id or service_id")
        return self

    def item(self) -> RequestedItem:
        """What the business calls it."""
        if self.course_id:
            return RequestedItem("course", self.course_id, self.quantity)
        return RequestedItem("service", self.service_id or UUID(int=0), self.quantity)


class NewOrder(BaseModel):
    """What is wanted; prices are the server's."""

    model_config = ConfigDict(extra="forbid")

    items: Annotated[list[NewItem], Field(min_length=1, max_length=MAX_ITEMS)]


class OrderItemOut(BaseModel):
    """One item, at the price of the moment it was ordered."""

    id: UUID
    course_id: UUID | None
    service_id: UUID | None
    title: str
    unit_amount: int = Field(description="Minor units of the order's currency.")
    quantity: int
    entitlement: Entitlement = Field(description="What the buyer has of it now.")


def _job_link(job_id: UUID | None) -> str | None:
    return f"/jobs/{job_id}" if job_id else None


class OrderOut(BaseModel):
    """One order."""

    id: UUID
    state: OrderState
    total_amount: int = Field(description="Minor units.")
    currency: str = Field(description="ISO 4217.")
    items: list[OrderItemOut]
    payment_state: PaymentState | None = Field(description="Null until the payment provider told of one.")
    job: Annotated[str | None, BeforeValidator(_job_link)] = Field(
        validation_alias="job_id", description="Where the fulfilment can be followed, once the order is paid."
    )
    created_at: datetime
    expires_at: datetime = Field(description="Until when the order can be paid.")
    paid_at: datetime | None
    fulfilled_at: datetime | None

    @classmethod
    def of(cls, order: OrderView) -> Self:
        """The order as a client sees it."""
        return cls.model_validate(order, from_attributes=True)


@router.post("/orders", status_code=201, response_model=OrderOut)
def place_order(
    wanted: NewOrder,
    caller: Caller,
    session: SessionDep,
    idempotency: Idempotency,
    clock: ClockDep,
    settings: SettingsDep,
) -> Response:
    """Place an order; it can be paid until `expires_at`."""
    open_for = timedelta(minutes=settings.order_minutes)

    def work() -> OrderOut:
        requested = [item.item() for item in wanted.items]
        order_id = place(session, caller.profile_id, requested, now=clock(), open_for=open_for)
        return OrderOut.of(view(session, order_id, caller.profile_id))

    return idempotency(201, work, location=lambda order: f"/orders/{order.id}")


@router.get("/orders/{order_id}")
def get_order(order_id: UUID, caller: Caller, session: SessionDep) -> OrderOut:
    """One's own order; an operator sees every order."""
    return OrderOut.of(view(session, order_id, caller.profile_id, sees_all=caller.role == "admin"))


@router.get("/me/orders")
def list_orders(caller: Caller, session: SessionDep, page: NewestPage) -> Page[OrderOut]:
    """One's own orders, newest first."""
    return page_of(list_own(session, caller.profile_id, page), OrderOut.of)


@router.post("/orders/{order_id}/cancel", response_model=OrderOut)
def cancel_order(
    order_id: UUID, caller: Caller, sessions: SessionsDep, idempotency: Idempotency, gateway: PaymentGatewayDep
) -> Response:
    """Cancel one's own order while it is pending; again changes nothing."""
    with sessions.begin() as session:
        if replay := idempotency.find_response(session):
            return replay
        checkout = cancel(session, order_id, caller.profile_id)
        cancelled = OrderOut.of(view(session, order_id, caller.profile_id))
        answer = idempotency.store_response(session, 200, cancelled, {})
    close_checkout(gateway, checkout)
    return answer
