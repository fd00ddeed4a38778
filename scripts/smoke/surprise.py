"""What ends the smoke test: something is not as expected."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

import httpx

T = TypeVar("T")

_POLL: Final = 0.1


class SurpriseError(Exception):
    """Something is not as expected; the two texts say what was expected and what was found."""

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(f"expected: {expected}; found: {found}")
        self.expected = expected
        self.found = found


def expect(is_so: object, expected: str, found: object) -> None:
    """Raises SurpriseError unless `is_so`."""
    if not is_so:
        raise SurpriseError(expected, str(found))


def expect_answer(answer: httpx.Response, status: int | None = None, code: str = "") -> httpx.Response:
    """The answer, if it has this status (None: any success) and, if it is a problem, this code.

    Raises SurpriseError.
    """
    request = f"{answer.request.method} {answer.request.url.path}"
    is_so = answer.is_success if status is None else answer.status_code == status
    wanted = f"{request} answers {f'{status} {code}'.strip() if status else 'with success'}"
    expect(is_so and (not code or answer.json().get("code") == code), wanted, _describe(answer))
    return answer


def wait_for(
    find: Callable[[], T | None], seconds: float, expected: str, found: Callable[[], str] = lambda: "nothing yet"
) -> T:
    """What `find` returns as soon as it is not None.

    Raises SurpriseError: it is None for all these seconds.
    """
    deadline = time.monotonic() + seconds
    while (came := find()) is None:
        expect(time.monotonic() < deadline, f"{expected} within {seconds:g} s", found())
        time.sleep(_POLL)
    return came


def _describe(answer: httpx.Response) -> str:
    return f"{answer.status_code} {answer.text[:500]}"
