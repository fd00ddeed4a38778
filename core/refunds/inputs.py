"""The input of a refund."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from core.inputs import Input
from core.offers.prices import MAX_PRICE
from core.text import Line

MAX_REASON = 500
# An order has no more items.
_MAX_ITEMS = 20


class RefundInput(Input):
    """What to give back: items, an amount, or, with neither, all that is left of the order."""

    items: Annotated[
        list[UUID] | None, Field(min_length=1, max_length=_MAX_ITEMS, description="Ids of order items, each whole.")
    ] = None
    amount: Annotated[
        int | None,
        Field(
            strict=True,
            ge=1,
            le=MAX_PRICE,
            description="Minor units of the payment's currency; for operators, and teachers of all items.",
        ),
    ] = None
    reason: Annotated[Line, Field(max_length=MAX_REASON, description="Required of teachers and operators.")] = ""

    @model_validator(mode="after")
    def _has_one_extent(self) -> Self:
        if self.items is not None and self.amount is not None:
            raise ValueError("give items or amount, not both")
        return self
