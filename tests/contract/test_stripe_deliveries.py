"""Webhook deliveries: retries, restarts, faults and resends."""

import os
import signal
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from scripts.local.ports import free_port
from tests.contract.checkouts import open_session, pay_by_card
from tests.contract.conftest import StripeEmulator, stripe_emulator_at
from tests.contract.receiver import WebhookReceiver, webhook_receiver
from tests.support.waiting import wait_until

COMPLETED = "checkout.session.completed"
# A card payment emits five events.
EVENTS = 5


@pytest.fixture
def receiver() -> Generator[WebhookReceiver]:
    with webhook_receiver() as started:
        yield started


@pytest.fixture
def emulator(tmp_path: Path, receiver: WebhookReceiver) -> Generator[StripeEmulator]:
    with stripe_emulator_at(tmp_path, receiver) as started:
        yield started


def pay_a_session(emulator: StripeEmulator) -> str:
    session_id = open_session(emulator)
    assert pay_by_card(emulator, session_id).status_code == 303
    return session_id


def wait_for_deliveries(emulator: StripeEmulator, number: int) -> list[dict[str, Any]]:
    def all_delivered() -> list[dict[str, Any]]:
        response = emulator.http.get("/_emulator/deliveries").json()
        return response["deliveries"] if response["counts"] == {"delivered": number} else []

    return wait_until(all_delivered, f"{number} deliveries, all delivered")


def test_a_failed_delivery_is_retried_until_it_succeeds(emulator: StripeEmulator) -> None:
    emulator.receiver.responses = [500, 503, 302, 400]
    session_id = pay_a_session(emulator)
    rows = wait_for_deliveries(emulator, EVENTS)
    assert sum(row["attempts"] for row in rows) == EVENTS + 4
    assert len(emulator.receiver.deliveries) == EVENTS + 4
    assert len({d.event["id"] for d in emulator.receiver.deliveries}) == EVENTS
    assert emulator.receiver.of(COMPLETED, session_id)


def test_the_event_list_filters_by_delivery_success(emulator: StripeEmulator) -> None:
    emulator.http.post("/_emulator/deliveries/pause")
    pay_a_session(emulator)

    def listed(success: str) -> list[str]:
        events = emulator.http.get("/v1/events", params={"delivery_success": success}).json()["data"]
        return [event["type"] for event in events]

    assert len(listed("false")) == EVENTS
    assert listed("true") == []
    assert emulator.receiver.deliveries == []
    emulator.http.post("/_emulator/deliveries/resume")
    wait_for_deliveries(emulator, EVENTS)
    assert listed("false") == []
    assert COMPLETED in listed("true")


def test_a_killed_emulator_continues_after_a_restart(tmp_path: Path, receiver: WebhookReceiver) -> None:
    port = free_port()
    with stripe_emulator_at(tmp_path, receiver, port) as first:
        first.http.post("/_emulator/deliveries/pause")
        session_id = pay_a_session(first)
        os.kill(first.pid, signal.SIGKILL)
    assert receiver.deliveries == []
    with stripe_emulator_at(tmp_path, receiver, port) as second:
        assert second.http.get("/_emulator/faults").json()["paused"] is True
        second.http.post("/_emulator/deliveries/resume")
        wait_for_deliveries(second, EVENTS)
        assert len(receiver.of(COMPLETED, session_id)) == 1
        assert pay_by_card(second, session_id).status_code == 409


def test_the_copies_fault_delivers_each_event_several_times(emulator: StripeEmulator) -> None:
    emulator.http.post("/_emulator/faults", data={"copies": "3"})
    session_id = pay_a_session(emulator)
    wait_for_deliveries(emulator, 3 * EVENTS)
    copies = emulator.receiver.of(COMPLETED, session_id)
    assert len(copies) == 3
    assert len({copy.event["id"] for copy in copies}) == 1


def test_a_repeated_event_has_the_same_data_and_a_new_id(emulator: StripeEmulator) -> None:
    session_id = pay_a_session(emulator)
    wait_for_deliveries(emulator, EVENTS)
    (first,) = emulator.receiver.of(COMPLETED, session_id)
    emulator.http.post(f"/_emulator/events/{first.event['id']}/repeat")
    wait_for_deliveries(emulator, EVENTS + 1)
    again = emulator.receiver.of(COMPLETED, session_id)[1]
    assert again.event["id"] != first.event["id"]
    assert again.event["data"] == first.event["data"]


def test_the_delay_fault_delays_deliveries_until_it_is_removed(emulator: StripeEmulator) -> None:
    def delays() -> list[float]:
        rows = emulator.http.get("/_emulator/deliveries?state=pending").json()["deliveries"]
        return [row["due"] - row["created"] for row in rows]

    emulator.http.post("/_emulator/deliveries/pause")
    emulator.http.post("/_emulator/faults", data={"delay_min_s": "0.3", "delay_max_s": "0.4"})
    pay_a_session(emulator)
    delayed = delays()
    assert len(delayed) == EVENTS
    assert all(0.299 < delay < 0.401 for delay in delayed)
    emulator.http.post("/_emulator/faults", data={"delay_max_s": "0"})
    pay_a_session(emulator)
    assert sorted(delays())[:EVENTS] == [0.0] * EVENTS
    emulator.http.post("/_emulator/deliveries/resume")
    wait_for_deliveries(emulator, 2 * EVENTS)


def test_a_resent_event_keeps_its_id(emulator: StripeEmulator) -> None:
    session_id = pay_a_session(emulator)
    wait_for_deliveries(emulator, EVENTS)
    (first,) = emulator.receiver.of(COMPLETED, session_id)
    event_id = first.event["id"]
    assert emulator.http.post(f"/v1/events/{event_id}/retry").json()["id"] == event_id
    assert emulator.http.post(f"/_emulator/events/{event_id}/resend").status_code == 200
    assert emulator.http.post(f"/controls/events/{event_id}/resend").status_code == 303
    wait_for_deliveries(emulator, EVENTS + 3)
    assert [copy.event["id"] for copy in emulator.receiver.of(COMPLETED, session_id)] == [event_id] * 4


def test_the_overview_shows_sessions_and_events(emulator: StripeEmulator) -> None:
    assert "No session yet" in emulator.http.get("/").text
    session_id = pay_a_session(emulator)
    wait_for_deliveries(emulator, EVENTS)
    page = emulator.http.get("/").text
    assert session_id in page
    assert COMPLETED in page
    assert page.count("Resend") == EVENTS


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"copies": "0"}, "copies must be from 1 to 50"),
        ({"delay_max_s": "soon"}, "delay_max_s must be a number"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_an_invalid_fault_is_rejected_by_name(emulator: StripeEmulator, fields: dict[str, str], message: str) -> None:
    response = emulator.http.post("/_emulator/faults", data=fields)
    assert response.status_code == 400
    assert message in response.json()["error"]["message"]
    assert emulator.http.get("/_emulator/faults").json() == {
        "copies": 1,
        "delay_s": [0, 0],
        "failed_calls": 0,
        "failed_status": 500,
        "late_answers": 0,
        "late_s": 120.0,
        "lost_answers": 0,
        "paused": False,
    }
