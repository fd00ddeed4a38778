"""The bulkhead of the calls that requests wait for."""

import time
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import Event, Semaphore

import pytest

from core.gateways.bulkhead import Bulkhead
from core.gateways.guard import guarded
from core.ports.errors import GatewayBusy, GatewayRejected, GatewayUnavailable
from tests.support.waiting import wait_until

SIZE = 3


def soon(seconds: float = 10.0) -> float:
    return time.monotonic() + seconds


@contextmanager
def full(bulkhead: Bulkhead, deadline: float) -> Generator[tuple[list[Future[str]], Callable[[], None]]]:
    """As many calls as fit, under way; and a function that lets them end."""
    begun, go_on = Semaphore(0), Event()

    def request() -> str:
        begun.release()
        assert go_on.wait(10)
        return "answer"

    with ThreadPoolExecutor(SIZE) as callers:
        futures = [callers.submit(bulkhead.call, request, deadline) for _ in range(SIZE)]
        for _ in range(SIZE):
            assert begun.acquire(timeout=10)
        yield futures, go_on.set
        go_on.set()


def test_calls_beyond_the_size_are_refused_at_once_and_others_are_answered() -> None:
    bulkhead = Bulkhead(SIZE)
    with full(bulkhead, soon()) as (futures, go_on):
        with pytest.raises(GatewayBusy) as refusal:
            bulkhead.call(lambda: pytest.fail("it was called"), soon())
        assert refusal.value.retry_after == 2
        go_on()
        assert [future.result(10) for future in futures] == ["answer"] * SIZE
    assert bulkhead.call(lambda: "free again", soon()) == "free again"


def test_a_call_that_is_too_late_keeps_its_place_until_it_ends() -> None:
    bulkhead = Bulkhead(SIZE)
    with full(bulkhead, soon(0.05)) as (futures, go_on):
        for future in futures:
            with pytest.raises(GatewayUnavailable, match="not answered within"):
                future.result(10)
        with pytest.raises(GatewayBusy):
            bulkhead.call(lambda: None, soon())
        go_on()

        def is_free() -> bool:
            try:
                return bulkhead.call(lambda: True, soon())
            except GatewayBusy:
                return False

        wait_until(is_free, "the places are free again")


def test_no_call_is_made_after_the_deadline() -> None:
    with pytest.raises(GatewayUnavailable, match="not answered within"):
        Bulkhead(SIZE).call(lambda: pytest.fail("it was called"), time.monotonic())


@pytest.mark.parametrize("error", [GatewayRejected("no"), TimeoutError("its own")], ids=repr)
def test_an_error_of_the_call_is_raised_and_frees_its_place(error: Exception) -> None:
    bulkhead = Bulkhead(1)

    def refuse() -> None:
        raise error

    for _ in range(3):
        with pytest.raises(type(error), match=str(error)):
            bulkhead.call(refuse, soon())


class Gateway:
    def send(self, email: str, *, times: int) -> list[str]:
        return [email] * times


def test_every_method_of_a_guarded_gateway_is_called_through_its_caller() -> None:
    bulkhead = Bulkhead(1)
    gateway = guarded(Gateway(), partial(bulkhead.call, deadline=soon()))
    assert gateway.send("email", times=2) == ["email", "email"]
    late = guarded(Gateway(), partial(bulkhead.call, deadline=0.0))
    with pytest.raises(GatewayUnavailable):
        late.send("email", times=2)
