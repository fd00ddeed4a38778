"""Status tables as data, so that SQL, tests and the diagrams in the documents read the same rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Status = TypeVar("Status", bound=str)


@dataclass(frozen=True, slots=True)
class Step(Generic[Status]):
    """When `event` happens to something in `source`, it becomes `target`."""

    source: Status
    event: str
    target: Status


def sources_of(steps: Sequence[Step[Status]], target: Status) -> tuple[Status, ...]:
    """The statuses from which `target` can be reached in one step, in the table's order."""
    return tuple(dict.fromkeys(step.source for step in steps if step.target == target))


def diagram(initial: Sequence[str], steps: Sequence[Step[Status]]) -> str:
    """The table as a Mermaid state diagram; a status without a way out leads to the end."""
    left = {step.source for step in steps}
    ends = dict.fromkeys(step.target for step in steps if step.target not in left)
    lines = [
        "stateDiagram-v2",
        *(f"    [*] --> {status}" for status in initial),
        *(f"    {step.source} --> {step.target}: {step.event}" for step in steps),
        *(f"    {status} --> [*]" for status in ends),
    ]
    return "\n".join(lines)
