from typing import get_args

import pytest

from core.offers.states import INITIAL, STEPS, OfferEvent, after
from db.models import OfferStatus


@pytest.mark.parametrize("status", get_args(OfferStatus))
@pytest.mark.parametrize("event", get_args(OfferEvent))
def test_a_step_leads_where_the_table_says(status: OfferStatus, event: OfferEvent) -> None:
    listed = [step.target for step in STEPS if (step.source, step.event) == (status, event)]
    assert [after(status, event)] == (listed or [None])


def test_every_status_is_reached_from_the_first() -> None:
    reached: set[OfferStatus] = {INITIAL}
    for _ in STEPS:
        reached |= {step.target for step in STEPS if step.source in reached}
    assert reached == set(get_args(OfferStatus))


def test_nothing_becomes_a_draft_again() -> None:
    assert all(step.target != INITIAL for step in STEPS)
