"""The life of an offer, as data."""

from typing import Final, Literal

from core.statuses import Step
from db.models import OfferStatus

OfferEvent = Literal["publish", "archive"]

INITIAL: Final[OfferStatus] = "draft"
STEPS: tuple[Step[OfferStatus], ...] = (
    Step("draft", "publish", "published"),
    Step("archived", "publish", "published"),
    Step("draft", "archive", "archived"),
    Step("published", "archive", "archived"),
)


def after(status: OfferStatus, event: OfferEvent) -> OfferStatus | None:
    """The status `event` leads to, or None where it is not possible."""
    for step in STEPS:
        if step.source == status and step.event == event:
            return step.target
    return None
