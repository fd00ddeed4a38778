"""The states of a payment, for events in any order and repeated."""

from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from core.payments.states import INITIAL, STEPS, PaymentState, allowed_from
from db.models import PaymentState as StoredState

STATES: tuple[PaymentState, ...] = get_args(PaymentState)
EVENTS = sorted({step.event for step in STEPS})


def after(state: PaymentState, event: str) -> PaymentState:
    """The state after an event; an event that the table does not allow changes nothing."""
    ways: list[PaymentState] = [step.target for step in STEPS if (step.source, step.event) == (state, event)]
    return ways[0] if ways else state


@given(st.lists(st.sampled_from(EVENTS), max_size=20), st.sampled_from(INITIAL))
def test_a_payment_that_succeeded_never_changes(events: list[str], state: PaymentState) -> None:
    for event in events:
        before, state = state, after(state, event)
        if before == "succeeded":
            assert state == before


@given(st.lists(st.sampled_from(EVENTS), max_size=20), st.sampled_from(("processing", "failed")))
def test_a_success_is_applied_in_any_order(events: list[str], state: PaymentState) -> None:
    for event in events:
        state = after(state, event)
    if "payment_succeeded" in events:
        assert state == "succeeded"


@given(st.lists(st.sampled_from(EVENTS), max_size=20), st.data())
def test_a_repeated_event_has_one_effect(events: list[str], data: st.DataObject) -> None:
    twice = [event for event in events for _ in range(data.draw(st.integers(1, 3)))]
    assert _end_of(twice) == _end_of(events)


def _end_of(events: list[str]) -> PaymentState:
    state: PaymentState = "processing"
    for event in events:
        state = after(state, event)
    return state


def test_every_state_of_the_table_may_be_the_first() -> None:
    assert set(INITIAL) == set(STATES) == set(get_args(StoredState))


def test_allowed_from_gives_the_states_before_each_state() -> None:
    assert {state: allowed_from(state) for state in STATES} == {
        "processing": ("failed",),
        "succeeded": ("processing", "failed"),
        "failed": ("processing",),
    }
