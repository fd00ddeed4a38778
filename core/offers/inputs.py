"""The input fields that courses and services share."""

from typing import Annotated, Final, Literal

from pydantic import Field

from core.offers.prices import MAX_PRICE
from core.text import Line, Prose

REFUND_DAYS: Final = 14
REFUND_MAX_PROGRESS: Final = 30

Title = Annotated[Line, Field(min_length=1, max_length=120)]
Description = Annotated[Prose, Field(max_length=20_000)]
PriceAmount = Annotated[
    int,
    Field(
        strict=True, ge=0, le=MAX_PRICE, description="Minor units of the currency: 0 (free), or at least its minimum."
    ),
]
Currency = Annotated[
    Literal["SEK", "NOK", "DKK", "EUR", "GBP", "USD"],
    Field(description="ISO 4217; each allowed currency has two decimals."),
]
RefundDays = Annotated[
    int,
    Field(
        strict=True,
        ge=0,
        le=365,
        description="Days after the payment in which the buyer can ask for a refund; 0: the buyer cannot.",
    ),
]
RefundMaxProgress = Annotated[
    int,
    Field(
        strict=True,
        ge=0,
        le=100,
        description="Percent of the lessons that the buyer may have completed when asking for a refund.",
    ),
]
