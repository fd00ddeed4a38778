from uuid import UUID

from api.schemas.base import Amount, Currency, Schema, Time
from core.offers.inputs import RefundDays
from db.models import OfferState, Service


class ServiceOut(Schema):
    """A bookable service."""

    id: UUID
    teacher_id: UUID
    title: str
    description: str
    duration_minutes: int
    price_amount: Amount
    currency: Currency
    refund_days: RefundDays
    state: OfferState
    published_at: Time | None
    created_at: Time
    updated_at: Time

    @classmethod
    def of(cls, service: Service) -> "ServiceOut":
        """The service as a client sees it."""
        return cls.model_validate(service)
