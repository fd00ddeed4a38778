"""The states of a job, and the event that leads from one to the next."""

from typing import Final

from core.states import Step
from db.models import JobState

INITIAL: Final[JobState] = "pending"

STEPS: tuple[Step[JobState], ...] = (
    Step("pending", "claim", "dispatched"),
    Step("pending", "cancel", "cancelled"),
    Step("dispatched", "complete", "succeeded"),
    Step("dispatched", "retry", "pending"),
    Step("dispatched", "postpone", "pending"),
    Step("dispatched", "release", "pending"),
    Step("dispatched", "rescue", "pending"),
    Step("dispatched", "discard", "dead"),
    Step("dispatched", "cancel", "cancelled"),
    # Only an operator's replay leaves a finished state.
    Step("succeeded", "replay", "pending"),
    Step("dead", "replay", "pending"),
    Step("cancelled", "replay", "pending"),
)


def allowed_from(event: str) -> list[JobState]:
    """The states in which `event` can happen."""
    return [step.source for step in STEPS if step.event == event]


FINISHED: Final = frozenset(allowed_from("replay"))
