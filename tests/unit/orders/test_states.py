"""The states of an order, on random walks and rule by rule."""

from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.orders.states import INITIAL, INITIAL_FREE, STEPS, OrderState, allowed_from
from db.models import OrderState as StoredState

STATES: tuple[OrderState, ...] = get_args(OrderState)
PAID = {"paid", "fulfilled"}


@st.composite
def walks(draw: st.DrawFn) -> list[OrderState]:
    """The states of one order, from its first on; every event in it is one the table allows."""
    walk: list[OrderState] = [draw(st.sampled_from([INITIAL, INITIAL_FREE]))]
    for _ in range(draw(st.integers(0, 20))):
        ways: list[OrderState] = [step.target for step in STEPS if step.source == walk[-1]]
        if not ways:
            break
        walk.append(draw(st.sampled_from(ways)))
    return walk


@given(walks())
def test_a_paid_order_never_becomes_unpaid(walk: list[OrderState]) -> None:
    came = [index for index, state in enumerate(walk) if state in PAID]
    if came:
        assert set(walk[came[0] :]) <= PAID | {"refunded", "disputed"}


@given(walks())
def test_only_a_paid_order_is_fulfilled(walk: list[OrderState]) -> None:
    assert all(before == "paid" for before, state in pairwise(walk) if state == "fulfilled")


def test_a_cancelled_order_is_paid_only_by_a_payment_that_an_operator_accepts() -> None:
    assert [(step.event, step.target) for step in STEPS if step.source == "cancelled"] == [("payment_accepted", "paid")]


@given(walks())
def test_an_order_is_refunded_only_after_a_payment(walk: list[OrderState]) -> None:
    if "refunded" in walk:
        assert set(walk[: walk.index("refunded")]) & PAID


def test_every_state_is_reached_and_none_is_unknown() -> None:
    assert {step.target for step in STEPS} | {INITIAL} == set(STATES)
    assert {step.source for step in STEPS} == set(STATES)


def test_an_event_leads_to_one_state() -> None:
    known = [(step.source, step.event) for step in STEPS]
    assert len(known) == len(set(known))


def test_the_database_has_the_same_states() -> None:
    assert set(get_args(StoredState)) == set(STATES)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("pending", {"processing", "expired"}),
        ("processing", {"pending", "expired"}),
        ("paid", {"pending", "processing", "expired", "cancelled", "refunded", "disputed"}),
        ("fulfilled", {"paid"}),
        ("cancelled", {"pending"}),
        # db/sql/orders/expire.sql writes it out, for its index.
        ("expired", {"pending"}),
        ("refunded", {"paid", "fulfilled", "disputed"}),
        ("disputed", {"paid", "fulfilled", "refunded"}),
    ],
)
def test_allowed_from_gives_the_states_before_each_state(target: OrderState, expected: set[str]) -> None:
    assert set(allowed_from(target)) == expected
