"""The table of states agrees with itself; tests/integration/ledger holds the statements to it."""

from core.jobs.states import DISPATCHED, FINISHED, PENDING, TRANSITIONS


def test_every_state_is_reached_and_known() -> None:
    reached = {target for steps in TRANSITIONS.values() for target in steps.values()}
    assert reached == set(TRANSITIONS) == {PENDING, DISPATCHED, *FINISHED}


def test_only_replay_leads_out_of_a_finished_state() -> None:
    assert all(dict(TRANSITIONS[state]) == {"replay": PENDING} for state in FINISHED)
