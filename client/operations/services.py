"""Generated from the OpenAPI document by scripts/client_operations.py; change the API instead."""

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from client.api.base import Model, Operation, Page


class ServiceOut(Model):
    """A bookable service."""

    id: UUID
    teacher_id: UUID
    title: str
    description: str
    duration_minutes: int
    price_amount: int
    currency: str
    refund_days: int
    state: Literal["draft", "published", "archived"]
    published_at: datetime | None
    created_at: datetime
    updated_at: datetime


class ServiceDraft(Model):
    """A new service; it is not on sale until it is published."""

    title: str
    duration_minutes: int
    price_amount: int
    currency: Literal["SEK", "NOK", "DKK", "EUR", "GBP", "USD"]
    description: str = ""
    refund_days: int = 14


LIST: Final[Operation[Page[ServiceOut]]] = Operation("GET", "/services", Page[ServiceOut])
GET: Final[Operation[ServiceOut]] = Operation("GET", "/services/{service_id}", ServiceOut)
CREATE: Final[Operation[ServiceOut]] = Operation("POST", "/services", ServiceOut, keyed=True)
PUBLISH: Final[Operation[ServiceOut]] = Operation("POST", "/services/{service_id}/publish", ServiceOut, keyed=True)
ARCHIVE: Final[Operation[ServiceOut]] = Operation("POST", "/services/{service_id}/archive", ServiceOut, keyed=True)
