from uuid import UUID

from api.schemas.base import Schema, Time
from core.accounts.email import EmailAddress
from core.inputs import Input
from db.models import Gift


class NewGift(Input):
    """A gift, to the e-mail address of its receiver."""

    email: EmailAddress


class GiftOut(Schema):
    """A gift. It does not tell whether an account has the address."""

    id: UUID
    course_id: UUID
    email: str
    given_by: UUID
    created_at: Time

    @classmethod
    def of(cls, gift: Gift) -> "GiftOut":
        """The gift as the course's teacher sees it."""
        return cls.model_validate(gift)
