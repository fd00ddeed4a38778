"""Wait for a condition, with a deadline and never by the clock alone."""

from collections.abc import Callable
from time import monotonic, sleep
from typing import TypeVar

import pytest

_LOOK_SECONDS = 0.02
T = TypeVar("T")


def wait_until(look: Callable[[], T], what: str, seconds: float = 20.0) -> T:
    """The first truthy value of `look`; fails naming `what` when there is none in so many seconds."""
    ends = monotonic() + seconds
    while not (value := look()):
        if monotonic() > ends:
            pytest.fail(f"{what}: not within {seconds:g} s")
        sleep(_LOOK_SECONDS)
    return value
