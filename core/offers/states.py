"""The life of an offer, as data."""

from typing import Final, Literal

from core.states import Step
from db.models import OfferState

OfferEvent = Literal["publish", "archive"]

INITIAL: Final[OfferState] = "draft"
STEPS: tuple[Step[OfferState], ...] = (
    Step("draft", "publish", "published"),
    Step("archived", "publish", "published"),
    Step("draft", "archive", "archived"),
    Step("published", "archive", "archived"),
)


def after(state: OfferState, event: OfferEvent) -> OfferState | None:
    """The state `event` leads to, or None where it is not possible."""
    for step in STEPS:
        if step.source == state and step.event == event:
            return step.target
    return None
