"""The input fields that courses and services share."""

from typing import Annotated, Literal

from pydantic import Field

from core.text import Line, Prose

Title = Annotated[Line, Field(min_length=1, max_length=120)]
Description = Annotated[Prose, Field(max_length=20_000)]
PriceAmount = Annotated[int, Field(strict=True, ge=0, le=99_999_999, description="Minor units of the currency.")]
Currency = Annotated[
    Literal["SEK", "NOK", "DKK", "EUR", "GBP", "USD"],
    Field(description="ISO 4217; each allowed currency has two decimals."),
]
