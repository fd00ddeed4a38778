"""What people read in tables."""

from datetime import UTC, datetime, timedelta

import pytest

from scripts.aula.output import due


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (timedelta(minutes=5, seconds=30), "in 5m"),
        (timedelta(), "now"),
        (-timedelta(hours=3, minutes=1), "3h late"),
    ],
)
def test_a_time_is_ahead_now_or_passed(ahead: timedelta, said: str) -> None:
    assert due(datetime.now(UTC) + ahead) == said
