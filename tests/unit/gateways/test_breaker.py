"""A gateway's circuit breaker."""

from dataclasses import dataclass
from threading import Event, Thread

import pytest
from structlog.testing import capture_logs

from core.gateways.breaker import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    MAX_FAILURES,
    TRIAL_PAUSE,
    Breaker,
    breaker_states,
    make_breaker,
)
from core.ports.errors import GatewayDeferred, GatewayKeySpent, GatewayNotFound, GatewayRejected, GatewayUnavailable


@dataclass
class Clock:
    seconds: float = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker("trial", clock)


def refuse(breaker: Breaker, error: BaseException) -> None:
    def request() -> None:
        raise error

    with pytest.raises(type(error)):
        breaker.call(request)


def fail(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        refuse(breaker, GatewayUnavailable("down"))


def not_called(breaker: Breaker) -> float | None:
    """How long the breaker says to wait."""
    with pytest.raises(GatewayUnavailable, match="not called") as refusal:
        breaker.call(lambda: pytest.fail("it was called"))
    return refusal.value.retry_after


def test_a_few_failures_in_a_row_open_it_and_calls_fail_at_once(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, MAX_FAILURES - 1)
    assert breaker.state == "closed"
    fail(breaker)
    assert breaker.state == "open"
    assert not_called(breaker) == FIRST_PAUSE
    clock.seconds += FIRST_PAUSE - 1
    assert not_called(breaker) == 1


@pytest.mark.parametrize(
    "answer", [GatewayRejected("no"), GatewayNotFound("no such"), GatewayDeferred("mailbox full")], ids=repr
)
def test_a_refusal_is_an_answer(breaker: Breaker, answer: Exception) -> None:
    for _ in range(3):
        fail(breaker, MAX_FAILURES - 1)
        refuse(breaker, answer)
    assert breaker.state == "closed"


def test_an_answer_between_failures_keeps_it_closed(breaker: Breaker) -> None:
    for _ in range(3):
        fail(breaker, MAX_FAILURES - 1)
        assert breaker.call(lambda: "sent") == "sent"
    assert breaker.state == "closed"


def test_a_trial_that_succeeds_closes_it(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, MAX_FAILURES)
    clock.seconds += FIRST_PAUSE
    assert breaker.call(lambda: breaker.state) == "half_open"
    assert breaker.state == "closed"
    fail(breaker, MAX_FAILURES - 1)
    assert breaker.state == "closed"


def test_each_trial_that_fails_doubles_the_pause_up_to_the_longest(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, MAX_FAILURES)
    pauses: list[float | None] = []
    for _ in range(7):
        pauses.append(pause := not_called(breaker))
        clock.seconds += pause or 0
        fail(breaker)
    assert pauses == [15, 30, 60, 120, 240, 240, 240]
    assert pauses[-1] == LONGEST_PAUSE
    clock.seconds += LONGEST_PAUSE
    breaker.call(lambda: None)
    fail(breaker, MAX_FAILURES)
    assert not_called(breaker) == FIRST_PAUSE


def test_a_trial_that_gets_the_kept_answer_of_the_outage_is_followed_by_another(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, MAX_FAILURES)
    clock.seconds += FIRST_PAUSE
    refuse(breaker, GatewayKeySpent("down"))
    assert breaker.call(lambda: "answered under another key") == "answered under another key"
    assert breaker.state == "closed"


def test_two_kept_answers_are_a_trial_that_fails(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, MAX_FAILURES)
    for pause in (FIRST_PAUSE, FIRST_PAUSE * 2):
        clock.seconds += pause
        for _ in range(2):
            refuse(breaker, GatewayKeySpent("down"))
        assert not_called(breaker) == pause * 2


def test_kept_answers_open_it_too(breaker: Breaker) -> None:
    for _ in range(MAX_FAILURES):
        refuse(breaker, GatewayKeySpent("down"))
    assert not_called(breaker) == FIRST_PAUSE


def test_one_trial_is_under_way_at_a_time(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, MAX_FAILURES)
    clock.seconds += FIRST_PAUSE
    begun, go_on = Event(), Event()

    def trial() -> None:
        begun.set()
        assert go_on.wait(10)

    running = Thread(target=breaker.call, args=(trial,))
    running.start()
    assert begun.wait(10)
    assert not_called(breaker) == TRIAL_PAUSE
    go_on.set()
    running.join(10)
    assert breaker.state == "closed"


def test_calls_run_side_by_side(breaker: Breaker) -> None:
    inner = Event()

    def outer() -> bool:
        running = Thread(target=breaker.call, args=(inner.set,))
        running.start()
        running.join(10)
        return inner.is_set()

    assert breaker.call(outer)


def test_an_error_of_our_own_is_no_answer(breaker: Breaker, clock: Clock) -> None:
    for _ in range(2 * MAX_FAILURES):
        refuse(breaker, TypeError("a bug"))
    assert breaker.state == "closed"
    fail(breaker, MAX_FAILURES)
    clock.seconds += FIRST_PAUSE
    refuse(breaker, KeyboardInterrupt())
    assert breaker.state == "open"
    assert breaker.call(lambda: "sent") == "sent"


def test_each_change_is_logged_once(breaker: Breaker, clock: Clock) -> None:
    with capture_logs() as logged:
        fail(breaker, MAX_FAILURES)
        for _ in range(100):
            not_called(breaker)
        clock.seconds += FIRST_PAUSE
        breaker.call(lambda: None)
    assert [(entry["log_level"], entry["gateway"], entry["state"]) for entry in logged] == [
        ("warning", "trial", "open"),
        ("info", "trial", "half_open"),
        ("info", "trial", "closed"),
    ]
    assert (logged[0]["reason"], logged[0]["seconds"]) == ("down", FIRST_PAUSE)


def test_the_states_of_all_breakers_can_be_read() -> None:
    fail(make_breaker("first"), MAX_FAILURES)
    make_breaker("second")
    states = breaker_states()
    assert (states["first"], states["second"]) == ("open", "closed")
    make_breaker("first")
    assert breaker_states()["first"] == "closed"
