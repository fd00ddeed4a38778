"""The states of a job, and what moves it from one to the next."""

from collections.abc import Mapping
from typing import Final

PENDING: Final = "pending"
DISPATCHED: Final = "dispatched"
SUCCEEDED: Final = "succeeded"
DEAD: Final = "dead"
CANCELLED: Final = "cancelled"

# state -> event -> next state. Only `replay` leaves a finished state.
TRANSITIONS: Mapping[str, Mapping[str, str]] = {
    PENDING: {"claim": DISPATCHED, "cancel": CANCELLED},
    DISPATCHED: {
        "complete": SUCCEEDED,
        "retry": PENDING,
        "release": PENDING,
        "rescue": PENDING,
        "discard": DEAD,
        "cancel": CANCELLED,
    },
    SUCCEEDED: {"replay": PENDING},
    DEAD: {"replay": PENDING},
    CANCELLED: {"replay": PENDING},
}

FINISHED: Final = (SUCCEEDED, DEAD, CANCELLED)
