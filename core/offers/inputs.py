"""The input fields that courses and services share."""

from typing import Annotated, Literal

from pydantic import Field

from core.offers.prices import MAX_PRICE
from core.text import Line, Prose

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
