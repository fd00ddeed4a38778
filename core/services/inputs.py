"""The inputs of services."""

from typing import Annotated

from pydantic import Field

from core.inputs import Edit, Input, unchanged
from core.offers.inputs import REFUND_DAYS, Currency, Description, PriceAmount, RefundDays, Title

DurationMinutes = Annotated[int, Field(strict=True, ge=5, le=1440)]


class ServiceDraft(Input):
    """A new service; it is not on sale until it is published."""

    title: Title
    description: Description = ""
    duration_minutes: DurationMinutes
    price_amount: PriceAmount
    currency: Currency
    refund_days: RefundDays = REFUND_DAYS


class ServiceEdit(Edit):
    """Changes to a service; existing orders keep their price and terms."""

    title: Title = unchanged()
    description: Description = unchanged()
    duration_minutes: DurationMinutes = unchanged()
    price_amount: PriceAmount = unchanged()
    currency: Currency = unchanged()
    refund_days: RefundDays = unchanged()
