"""Limits of checks that cannot be caused for real: a wrong clock and a full disk."""

import pytest

from scripts.aula.doctor.database import clock_check
from scripts.aula.doctor.disk import disk_check


@pytest.mark.parametrize(("seconds", "level"), [(0.0, "ok"), (0.9, "ok"), (1.0, "warning"), (31.0, "fault")])
def test_clocks_that_differ_are_named(seconds: float, level: str) -> None:
    assert clock_check(seconds).level == level


@pytest.mark.parametrize(("free", "level"), [(100, "ok"), (15, "ok"), (14, "warning"), (5, "warning"), (4, "fault")])
def test_a_disk_that_fills_is_named(free: int, level: str) -> None:
    assert disk_check("program", free, 100).level == level
