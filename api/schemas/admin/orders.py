from typing import Any
from uuid import UUID

from pydantic import Field

from api.schemas.admin.base import Paged
from api.schemas.base import Amount, Currency, Schema, Time
from core.console.filters import OrderFilter
from core.console.orders import BuyersOrder
from core.console.timeline import Source
from db.models import OrderState


class OrdersQuery(Paged, OrderFilter):
    """A filter and a page of orders."""


class AdminOrderOut(Schema):
    """An order as an operator sees it."""

    id: UUID
    profile_id: UUID
    email: str = Field(description="The buyer's address.")
    state: OrderState
    total_amount: Amount
    currency: Currency
    created_at: Time
    expires_at: Time
    paid_at: Time | None
    fulfilled_at: Time | None

    @classmethod
    def of(cls, row: BuyersOrder) -> "AdminOrderOut":
        """The order as an operator sees it."""
        values = {name: getattr(row.order, name) for name in cls.model_fields if name != "email"}
        return cls(**values, email=row.email)


class TimelineEntryOut(Schema):
    """One thing that happened to an order or to what belongs to it."""

    at: Time
    source: Source
    subject_id: UUID = Field(description="The id of the row that it happened to.")
    what: str
    details: dict[str, Any]


class TimelineOut(Schema):
    """The story of an order, the oldest entry first."""

    entries: list[TimelineEntryOut]
    complete: bool = Field(description="False when there are more entries than are answered.")
