"""What the generated operations are made of."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

T = TypeVar("T")


class Model(BaseModel):
    """A body or an answer. A field that a newer API adds is ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Page(Model, Generic[T]):
    """One page of a list; `next_cursor` is None on the last one."""

    items: list[T]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Operation(Generic[T]):
    """One operation of the API. A `keyed` one takes an idempotency key, so that a repetition has no second effect."""

    method: str
    path: str
    answer: type[T]
    keyed: bool = False
