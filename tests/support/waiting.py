"""Wait for a condition, with a deadline."""

from collections.abc import Callable
from time import monotonic, sleep
from typing import TypeVar

import pytest

_POLL_SECONDS = 0.02
T = TypeVar("T")


def wait_until(condition: Callable[[], T], what: str, seconds: float = 20.0) -> T:
    """The first truthy result of `condition`; fails the test, naming `what`, after so many seconds."""
    deadline = monotonic() + seconds
    while not (value := condition()):
        if monotonic() > deadline:
            pytest.fail(f"{what}: not within {seconds:g} s")
        sleep(_POLL_SECONDS)
    return value
