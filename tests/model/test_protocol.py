"""The protocol of jobs, explored: within its bounds no order of events breaks a rule, and each guard is needed."""

from collections.abc import Mapping
from inspect import getsource
from typing import Final

import pytest

from db.queries import source
from tests.model import protocol
from tests.model.explore import explore
from tests.model.protocol import GUARDS, Guard, Kind, Protocol

# Two jobs or one call, two relays and two workers, and how often which faults may come, in any order.
EXPLORATIONS: Final[Mapping[str, tuple[tuple[Kind, ...], Mapping[str, int]]]] = {
    "messages lost and doubled": (("good", "good"), {"message lost": 1, "message doubled": 1}),
    "leases that run out": (("good", "good"), {"lease runs out": 2}),
    "relays that cannot publish, or die": (("good", "good"), {"publish fails": 1, "relay dies": 1}),
    "workers that die": (("good", "good"), {"worker dies": 2, "lease runs out": 1}),
    "a wiped broker": (("good", "good"), {"wipe": 1}),
    "a failing job beside a good one": (("good", "failing"), {"error": 1}),
    "an error in a message that came twice": (("good", "good"), {"error": 1, "message doubled": 1}),
    "a poisonous job beside a good one": (("good", "poison"), {"message lost": 1}),
    "a call and its messages": (("external",), {"message doubled": 1, "lease runs out": 1, "wipe": 1}),
    "a call that fails": (("external",), {"error": 1, "lease runs out": 1, "worker dies": 1}),
}
# Where the absence of each guard is found, and as what.
FOUND: Final[Mapping[Guard, tuple[str, str]]] = {
    "complete is fenced": ("messages lost and doubled", "an effect twice"),
    "effect and completion are one commit": ("workers that die", "an effect twice"),
    "fail is fenced": ("a call that fails", "two calls at a time"),
    "split is fenced": ("an error in a message that came twice", "an effect twice"),
    "release is fenced": ("relays that cannot publish, or die", "an effect twice"),
    "requeue_lost is fenced": ("a call that fails", "two calls at a time"),
    "claim takes pending jobs only": ("a call that fails", "two calls at a time"),
    "rescue waits for the lease": ("a call that fails", "two calls at a time"),
    "rescue_all leaves external calls out": ("a call and its messages", "two calls at a time"),
    "start raises the lease version": ("a call and its messages", "two calls at a time"),
    "a lost batch is isolated": ("a poisonous job beside a good one", "too many processes killed"),
    "a failed batch is split": ("a failing job beside a good one", "a job never ends"),
    "only what runs alone is counted": ("a failing job beside a good one", "a healthy job is dead"),
    "a start alone is counted before": ("a poisonous job beside a good one", "too many processes killed"),
    "leases are rescued": ("messages lost and doubled", "a job never ends"),
}


@pytest.mark.parametrize("name", EXPLORATIONS)
def test_no_order_of_events_breaks_a_rule(name: str) -> None:
    kinds, faults = EXPLORATIONS[name]
    found = explore(Protocol(kinds), faults)
    assert (found.fault, found.trace) == (None, ())
    assert found.states > 100


@pytest.mark.parametrize("guard", GUARDS)
def test_each_guard_is_needed(guard: Guard) -> None:
    name, fault = FOUND[guard]
    kinds, faults = EXPLORATIONS[name]
    found = explore(Protocol(kinds, without=guard), faults)
    assert found.fault == fault, (GUARDS[guard], found.trace)
    assert found.trace


def test_a_trace_is_the_shortest_way_to_the_fault() -> None:
    kinds, faults = EXPLORATIONS["messages lost and doubled"]
    trace = explore(Protocol(kinds, without="leases are rescued"), faults).trace
    assert trace == ("claim", "publish", "message lost")


@pytest.mark.parametrize(
    "action",
    [
        "claim",
        "release",
        "take",
        "start",
        "count_attempt",
        "complete",
        "fail",
        "split",
        "rescue",
        "rescue_all",
        "requeue_lost",
    ],
)
def test_an_action_has_the_name_of_its_statement(action: str) -> None:
    assert source(f"jobs/{action}")
    assert f'"{action}"' in getsource(protocol)
