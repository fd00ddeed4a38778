"""The table of job states is complete and matches the type of the column."""

from typing import get_args

from core.jobs.states import FINISHED, INITIAL, STEPS
from db.models import JobState


def test_every_state_is_reached() -> None:
    assert {INITIAL} | {step.target for step in STEPS} == set(get_args(JobState))


def test_only_replay_leaves_a_finished_state() -> None:
    assert {step.event for step in STEPS if step.source in FINISHED} == {"replay"}
    assert set(get_args(JobState)) - FINISHED == {"pending", "dispatched"}
