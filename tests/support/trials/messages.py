"""The message of the trial jobs."""

from dataclasses import dataclass

from core.messages import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial(Message):
    """`act` is what the job does: succeed, fail, kill, disconnect, retry, discard, cancel, or wait for a lock."""

    kind = "trials.run"
    queue = "maintenance"
    act: str = "succeed"
    number: int = 0
