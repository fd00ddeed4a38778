"""Outcomes as values: what became of a job, and what became of an event."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Literal


@dataclass(frozen=True, slots=True)
class Done:
    """The work is done; `result` is kept on the job's row and shown to its owner."""

    result: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Retry:
    """Not yet: run again `after` this long, or after the usual backoff when None. Counts as a failure."""

    reason: str
    after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Postpone:
    """An external service is unavailable: run again, `after` this long at the earliest. Counts no attempt.

    When that goes on for longer than the message's `give_up_after`, the job is dead.
    """

    reason: str
    after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Discard:
    """It cannot succeed, however often it runs: the job is dead at once, until an operator replays it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """The work is no longer wanted; `reason` is kept."""

    reason: str


Outcome = Done | Retry | Postpone | Discard | Cancel


@dataclass(frozen=True, slots=True)
class Processed:
    """The event was applied, or said nothing new; `reason` is kept on it."""

    state: ClassVar[Literal["processed"]] = "processed"
    reason: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """The event is not for this system, or has no meaning here."""

    state: ClassVar[Literal["ignored"]] = "ignored"
    reason: str


EventOutcome = Processed | Ignored
