"""The states of an offer and the events between them."""

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


def next_state(state: OfferState, event: OfferEvent) -> OfferState | None:
    """The state after `event`, or None if the event is not allowed."""
    for step in STEPS:
        if step.source == state and step.event == event:
            return step.target
    return None
