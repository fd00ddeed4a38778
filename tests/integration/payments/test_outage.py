"""Stripe is slow or down: other requests are as fast as before, and buyers are told when to ask again."""

from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Semaphore
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import update

from core.gateways.breaker import FIRST_PAUSE, MAX_FAILURES
from core.gateways.bulkhead import MAX_CALLS
from db.models import Checkout
from tests.contract.conftest import StripeEmulator
from tests.support.api_harness import ApiHarness, User
from tests.support.fake_gateway import FakeGateway
from tests.support.waiting import wait_until

BUYERS = 45
NO_FAULTS = {"late_answers": 0, "lost_answers": 0, "failed_calls": 0, "failed_status": 500}


@pytest.fixture
def stripe(api: ApiHarness, emulator: StripeEmulator) -> Generator[StripeEmulator]:
    """The emulator without faults, and an API whose breaker is closed, before and after the test."""
    yield emulator
    set_faults(emulator, **NO_FAULTS)
    del api.app.state.payment_gateway


def set_faults(emulator: StripeEmulator, **faults: float) -> None:
    emulator.http.post("/_emulator/faults", data={name: str(value) for name, value in faults.items()})


def faults_left(emulator: StripeEmulator, name: str) -> int:
    return emulator.http.get("/_emulator/faults").json()[name]


def open_sessions(emulator: StripeEmulator, order_id: str) -> list[str]:
    found = emulator.http.get("/v1/checkout/sessions", params={"limit": "100"}).json()["data"]
    return [one["id"] for one in found if one["client_reference_id"] == order_id and one["status"] == "open"]


def order(api: ApiHarness) -> tuple[User, str]:
    buyer = api.user()
    return buyer, buyer.place_order(api.service())["id"]


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_others_are_served_while_stripe_is_slow_and_nobody_gets_two_sessions(
    api: ApiHarness, stripe: StripeEmulator
) -> None:
    orders = [order(api) for _ in range(BUYERS)]
    set_faults(stripe, late_answers=BUYERS, late_s=6)
    with ThreadPoolExecutor(BUYERS) as pool:
        asking = [pool.submit(buyer.checkout, order_id) for buyer, order_id in orders]
        wait_until(lambda: sum(one.done() for one in asking) == BUYERS - MAX_CALLS, "the others are refused")
        for _ in range(20):
            assert api.visitor().get("/courses").status_code == 200
        assert sum(one.done() for one in asking) == BUYERS - MAX_CALLS
        assert faults_left(stripe, "late_answers") == BUYERS - MAX_CALLS
        answers = [one.result() for one in asking]
    refused = [answer for answer in answers if answer.status_code != 200]
    assert {refusal(answer) for answer in refused} == {(503, "payment_provider_busy")}
    assert {answer.headers["Retry-After"] for answer in refused} == {"2"}
    set_faults(stripe, late_answers=0)
    for buyer, order_id in orders:
        assert buyer.checkout(order_id).status_code == 200
        assert open_sessions(stripe, order_id) == [api.open_checkout(order_id)]


def test_all_calls_of_a_request_share_one_deadline(
    api: ApiHarness, stripe: StripeEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    buyer, order_id = order(api)
    assert buyer.checkout(order_id, "elements").status_code == 200
    monkeypatch.setattr("api.gateways.DEADLINE", 1.5)
    set_faults(stripe, late_answers=2, late_s=1)
    # The old session is closed in time; the new one is too late.
    answer = buyer.checkout(order_id)
    assert refusal(answer) == (503, "payment_provider_unavailable")
    assert answer.headers["Retry-After"] == "2"
    monkeypatch.undo()
    again = buyer.checkout(order_id)
    assert again.status_code == 200
    assert open_sessions(stripe, order_id) == [again.json()["session_id"]]


def test_while_stripe_is_down_it_is_called_a_few_times_only(api: ApiHarness, stripe: StripeEmulator) -> None:
    orders = [order(api) for _ in range(MAX_FAILURES)]
    set_faults(stripe, failed_calls=100, failed_status=503)
    answers = [buyer.checkout(order_id) for buyer, order_id in orders * 2]
    assert {refusal(answer) for answer in answers} == {(503, "payment_provider_unavailable")}
    assert 0 < int(answers[-1].headers["Retry-After"]) <= FIRST_PAUSE
    assert 100 - faults_left(stripe, "failed_calls") == MAX_FAILURES
    set_faults(stripe, **NO_FAULTS)
    del api.app.state.payment_gateway
    for buyer, order_id in orders:
        assert buyer.checkout(order_id).status_code == 200
        assert open_sessions(stripe, order_id) == [api.open_checkout(order_id)]


@pytest.mark.parametrize("failures", [1, 2])
def test_a_server_error_that_stripe_keeps_does_not_stay_with_the_order(
    api: ApiHarness, stripe: StripeEmulator, failures: int
) -> None:
    buyer, order_id = order(api)
    set_faults(stripe, failed_calls=failures)
    # Each second has another spare key.
    wait_until(lambda: buyer.checkout(order_id).is_success, "a checkout opens")
    assert faults_left(stripe, "failed_calls") == 0
    assert open_sessions(stripe, order_id) == [api.open_checkout(order_id)]


def forget_session(api: ApiHarness, order_id: str) -> None:
    """Stripe does not know the order's session any more."""
    with api.sessions.begin() as session:
        is_open = (Checkout.order_id == UUID(order_id)) & Checkout.closed_at.is_(None)
        session.execute(update(Checkout).where(is_open).values(session_id=f"cs_test_{uuid4().hex}"))


def test_a_checkout_that_stripe_does_not_know_is_replaced(api: ApiHarness, stripe: StripeEmulator) -> None:
    buyer, order_id = order(api)
    assert buyer.checkout(order_id).status_code == 200
    forget_session(api, order_id)
    answer = buyer.checkout(order_id)
    assert (*refusal(answer), answer.headers["Retry-After"]) == (409, "checkout_unknown", "1")
    assert api.open_checkout(order_id) is None
    again = buyer.checkout(order_id)
    assert again.status_code == 200
    assert again.json()["session_id"] in open_sessions(stripe, order_id)


def test_a_checkout_that_stripe_does_not_know_blocks_no_other_ui_mode_and_no_cancellation(
    api: ApiHarness, stripe: StripeEmulator
) -> None:
    buyer, order_id = order(api)
    assert buyer.checkout(order_id, "elements").status_code == 200
    forget_session(api, order_id)
    assert buyer.checkout(order_id, "hosted_page").status_code == 200
    forget_session(api, order_id)
    answer = buyer.http.post(f"/orders/{order_id}/cancel")
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert len(open_sessions(stripe, order_id)) == 2


@contextmanager
def full_bulkhead(
    api: ApiHarness, gateway: FakeGateway
) -> Generator[tuple[list[Future[httpx.Response]], Callable[[], None]]]:
    """As many checkouts as may are being opened; and a function that lets them end."""
    begun, go_on = Semaphore(0), Event()

    def wait() -> None:
        begun.release()
        assert go_on.wait(10)

    gateway.while_opening = wait
    orders = [order(api) for _ in range(MAX_CALLS)]
    with ThreadPoolExecutor(MAX_CALLS) as pool:
        try:
            asking = [pool.submit(buyer.checkout, order_id) for buyer, order_id in orders]
            for _ in asking:
                assert begun.acquire(timeout=10)
            yield asking, go_on.set
        finally:
            go_on.set()


def test_a_cancellation_shares_the_bulkhead_and_nothing_else_needs_a_place(
    api: ApiHarness, gateway: FakeGateway
) -> None:
    buyer, order_id = order(api)
    assert buyer.checkout(order_id).status_code == 200
    without_checkout = order(api)
    with full_bulkhead(api, gateway) as (asking, go_on):
        answer = buyer.http.post(f"/orders/{order_id}/cancel")
        assert (*refusal(answer), answer.headers["Retry-After"]) == (503, "payment_provider_busy", "2")
        assert api.order_row(order_id).state == "pending"
        other, other_id = without_checkout
        assert other.http.post(f"/orders/{other_id}/cancel").status_code == 200
        go_on()
        assert [one.result().status_code for one in asking] == [200] * MAX_CALLS
    assert buyer.http.post(f"/orders/{order_id}/cancel").status_code == 200
