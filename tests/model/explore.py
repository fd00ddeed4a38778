"""Explore every state that a protocol can reach, and find the shortest way to one that must not be."""

from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tests.model.protocol import MAX_DEATHS, Job, Kind, Protocol, State

# Actions that nothing brings about by itself.
FAULTS: Final = ("publish fails", "relay dies", "message lost", "message doubled", "wipe", "worker dies", "error")
# A poisonous job kills once in a batch, and then alone. A message that comes twice lets it kill twice for one start.
MOST_KILLS: Final = 1 + MAX_DEATHS
# Each fault costs one dispatch or two. A job that is dispatched without end has no other bound.
MOST_VERSIONS: Final = 16


@dataclass(frozen=True, slots=True)
class Found:
    """How many states were reached, and what is wrong: with the actions that lead there."""

    states: int
    fault: str | None = None
    trace: tuple[str, ...] = ()


def explore(protocol: Protocol, faults: Mapping[str, int]) -> Found:
    """Every state within so many faults. In none is a rule broken, and from each all jobs can end without a fault."""
    first = State(tuple(Job() for _ in protocol.kinds), faults=tuple(sorted(faults.items())))
    came_from: dict[State, tuple[State, str] | None] = {first: None}
    before: defaultdict[State, list[State]] = defaultdict(list)
    queue = deque([first])
    while queue:
        state = queue.popleft()
        if fault := _broken(protocol.kinds, state):
            return Found(len(came_from), fault, _trace(came_from, state))
        for action, after in protocol.actions(state):
            if not action.startswith(FAULTS):
                before[after].append(state)
            if after not in came_from:
                came_from[after] = (state, action)
                queue.append(after)
    can_end = _that_reach([state for state in came_from if _is_ended(state)], before)
    stuck = next((state for state in came_from if state not in can_end), None)
    if stuck is None:
        return Found(len(came_from))
    return Found(len(came_from), "a job never ends", _trace(came_from, stuck))


def _is_ended(state: State) -> bool:
    return all(job.state in {"succeeded", "dead"} for job in state.jobs)


def _broken(kinds: tuple[Kind, ...], state: State) -> str | None:
    for kind, job in zip(kinds, state.jobs, strict=True):
        if kind != "external" and job.effects > 1:
            return "an effect twice"
        if kind in {"good", "external"} and job.state == "dead":
            return "a healthy job is dead"
        if job.kills > MOST_KILLS:
            return "too many processes killed"
        if job.version > MOST_VERSIONS:
            return "a job never ends"
    return state.broken


def _that_reach(ended: list[State], before: Mapping[State, list[State]]) -> set[State]:
    found = set(ended)
    queue = deque(ended)
    while queue:
        for earlier in before.get(queue.popleft(), ()):
            if earlier not in found:
                found.add(earlier)
                queue.append(earlier)
    return found


def _trace(came_from: Mapping[State, tuple[State, str] | None], state: State) -> tuple[str, ...]:
    actions: list[str] = []
    while step := came_from[state]:
        state, action = step
        actions.append(action)
    return tuple(reversed(actions))
