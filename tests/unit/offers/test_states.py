from typing import get_args

import pytest

from core.offers.states import INITIAL, STEPS, OfferEvent, next_state
from db.models import OfferState


@pytest.mark.parametrize("state", get_args(OfferState))
@pytest.mark.parametrize("event", get_args(OfferEvent))
def test_a_step_leads_to_the_state_in_the_table(state: OfferState, event: OfferEvent) -> None:
    listed = [step.target for step in STEPS if (step.source, step.event) == (state, event)]
    assert [next_state(state, event)] == (listed or [None])


def test_every_state_is_reached_from_the_first() -> None:
    reached: set[OfferState] = {INITIAL}
    for _ in STEPS:
        reached |= {step.target for step in STEPS if step.source in reached}
    assert reached == set(get_args(OfferState))


def test_no_offer_becomes_a_draft_again() -> None:
    assert all(step.target != INITIAL for step in STEPS)
