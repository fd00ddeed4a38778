"""What is due for a seminar at a time."""

from datetime import UTC, datetime, timedelta

import pytest

from core.seminars.steps import Step, due
from db.models import Seminar, SeminarState

START = datetime(2026, 6, 1, 18, tzinfo=UTC)
END = START + timedelta(hours=2)
MINUTE = timedelta(minutes=1)
NOTHING: set[Step] = set()


def seminar(state: SeminarState = "published", **values: datetime) -> Seminar:
    return Seminar(state=state, starts_at=START, ends_at=END, **values)


@pytest.mark.parametrize(
    ("state", "at", "steps"),
    [
        ("published", START - 25 * 60 * MINUTE, NOTHING),
        ("published", START - 24 * 60 * MINUTE, {Step.REMIND_DAY}),
        ("published", START - 60 * MINUTE, {Step.REMIND_HOUR}),
        ("published", START - 30 * MINUTE, {Step.PROVISION, Step.REMIND_HOUR}),
        ("published", START - 10 * MINUTE, {Step.PROVISION, Step.WARN, Step.REMIND_HOUR}),
        # Nobody is reminded of what has begun; the room is still made.
        ("published", START, {Step.PROVISION, Step.WARN}),
        ("published", END, NOTHING),
        ("published", END + 15 * MINUTE, {Step.CLOSE}),
        ("provisioned", START - 16 * MINUTE, {Step.REMIND_HOUR}),
        ("provisioned", START - 15 * MINUTE, {Step.OPEN, Step.REMIND_HOUR}),
        ("provisioned", START + 5 * MINUTE, {Step.OPEN}),
        ("provisioned", END, NOTHING),
        ("open", END + 14 * MINUTE, NOTHING),
        ("open", END + 15 * MINUTE, {Step.CLOSE}),
        ("draft", START, NOTHING),
        ("closed", END + 60 * MINUTE, NOTHING),
        ("cancelled", START - 60 * 60 * MINUTE, {Step.CLOSE}),
    ],
)
def test_the_steps_that_are_due(state: SeminarState, at: datetime, steps: set[Step]) -> None:
    assert due(seminar(state), at) == steps


def test_each_reminder_is_for_one_start() -> None:
    day, hour = START - 5 * 60 * MINUTE, START - 30 * MINUTE
    assert due(seminar("provisioned", reminded_day=START), day) == set()
    assert due(seminar("provisioned", reminded_hour=START), hour) == set()
    assert due(seminar("provisioned", reminded_day=START - MINUTE), day) == {Step.REMIND_DAY}


def test_a_cancelled_seminar_is_closed_once() -> None:
    assert due(seminar("cancelled", closed_at=START), END) == set()
