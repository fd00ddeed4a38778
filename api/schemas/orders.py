from typing import Annotated, Self
from uuid import UUID

from pydantic import BeforeValidator, Field, model_validator

from api.schemas.base import Amount, Currency, Schema, Time
from core.inputs import Input
from core.orders.place import MAX_ITEMS
from core.orders.products import PRODUCT_KINDS, Entitlement, RequestedItem
from core.orders.situation import Situation
from core.orders.view import OrderView
from db.models import OrderState, PaymentState

_MAX_QUANTITY = max(kind.max_quantity for kind in PRODUCT_KINDS)


class NewItem(Input):
    """One product and its quantity: exactly one of the three ids. A course or a seminar has the quantity 1."""

    course_id: UUID | None = None
    service_id: UUID | None = None
    seminar_id: UUID | None = None
    quantity: Annotated[int, Field(strict=True, ge=1, le=_MAX_QUANTITY)] = 1

    @model_validator(mode="after")
    def _has_one_product(self) -> Self:
        if len(self._products()) != 1:
            raise ValueError(f"give exactly one of {', '.join(kind.id_field for kind in PRODUCT_KINDS)}")
        return self

    def requested(self) -> RequestedItem:
        """The item in terms of the core."""
        return self._products()[0]

    def _products(self) -> list[RequestedItem]:
        ids: list[UUID | None] = [getattr(self, kind.id_field) for kind in PRODUCT_KINDS]
        given = zip(PRODUCT_KINDS, ids, strict=True)
        return [RequestedItem(kind, product_id, self.quantity) for kind, product_id in given if product_id is not None]


class NewOrder(Input):
    """The items to order; the server sets the prices."""

    items: Annotated[list[NewItem], Field(min_length=1, max_length=MAX_ITEMS)]


class OrderItemOut(Schema):
    """One item, at its price when it was ordered."""

    id: UUID
    course_id: UUID | None
    service_id: UUID | None
    seminar_id: UUID | None
    title: str
    unit_amount: int = Field(description="Minor units of the order's currency.")
    quantity: int
    entitlement: Entitlement = Field(description="What the buyer has now.")
    refunded_at: Time | None


def _job_link(job_id: UUID | None) -> str | None:
    return f"/jobs/{job_id}" if job_id else None


class OrderOut(Schema):
    """One order."""

    id: UUID
    state: OrderState
    situation: Situation = Field(description="What the buyer is told: the state, and what came and went of its money.")
    total_amount: Amount
    refunded_amount: Amount = Field(description="On its way back to the buyer, or there; minor units.")
    currency: Currency
    items: list[OrderItemOut]
    payment_state: PaymentState | None = Field(description="Null until a payment is known, and for a free order.")
    job: Annotated[str | None, BeforeValidator(_job_link)] = Field(
        validation_alias="job_id", description="The path of the fulfilment job, once the order is paid."
    )
    created_at: Time
    expires_at: Time = Field(description="The order can be paid until then.")
    paid_at: Time | None
    fulfilled_at: Time | None

    @classmethod
    def of(cls, order: OrderView) -> "OrderOut":
        """The order as a client sees it."""
        return cls.model_validate(order)
