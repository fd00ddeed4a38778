"""State tables as data, so that SQL, tests and the diagrams in the documents read the same rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

State = TypeVar("State", bound=str)


@dataclass(frozen=True, slots=True)
class Step(Generic[State]):
    """When `event` happens to something in `source`, it becomes `target`."""

    source: State
    event: str
    target: State


def states_before(steps: Sequence[Step[State]], target: State) -> tuple[State, ...]:
    """The states from which `target` can be reached in one step, in the table's order."""
    return tuple(dict.fromkeys(step.source for step in steps if step.target == target))


def diagram(initial: Sequence[str], steps: Sequence[Step[State]]) -> str:
    """The table as a Mermaid state diagram; a state without a way out leads to the end."""
    left = {step.source for step in steps}
    ends = dict.fromkeys(step.target for step in steps if step.target not in left)
    lines = [
        "stateDiagram-v2",
        *(f"    [*] --> {state}" for state in initial),
        *(f"    {step.source} --> {step.target}: {step.event}" for step in steps),
        *(f"    {state} --> [*]" for state in ends),
    ]
    return "\n".join(lines)
