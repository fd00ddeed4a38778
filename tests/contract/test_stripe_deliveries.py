"""Deliveries: repeated until taken, through kills and on request."""

import os
import signal
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from scripts.local.ports import free_port
from tests.contract.conftest import StripeEmulator, stripe_emulator_at
from tests.contract.receiver import Receiver, receiving
from tests.contract.requests import open_session, pay_by_card
from tests.support.waiting import wait_until

COMPLETED = "checkout.session.completed"


@pytest.fixture
def receiver() -> Generator[Receiver]:
    with receiving() as started:
        yield started


@pytest.fixture
def emulator(tmp_path: Path, receiver: Receiver) -> Generator[StripeEmulator]:
    with stripe_emulator_at(tmp_path, receiver) as started:
        yield started


def pay(emulator: StripeEmulator) -> str:
    session_id = open_session(emulator)
    assert pay_by_card(emulator, session_id).status_code == 303
    return session_id


def settled(emulator: StripeEmulator, number: int) -> list[dict[str, Any]]:
    def look() -> list[dict[str, Any]]:
        answer = emulator.http.get("/_emulator/deliveries").json()
        return answer["deliveries"] if answer["counts"] == {"delivered": number} else []

    return wait_until(look, f"{number} deliveries, all delivered")


def test_a_refused_delivery_comes_again_with_a_new_signature(emulator: StripeEmulator) -> None:
    emulator.receiver.answers = [500, 503, 302, 400]
    session_id = pay(emulator)
    rows = settled(emulator, 4)
    assert sum(row["attempts"] for row in rows) == 8
    assert len(emulator.receiver.deliveries) == 8
    assert len({d.event["id"] for d in emulator.receiver.deliveries}) == 4
    assert emulator.receiver.of(COMPLETED, session_id)


def test_delivery_success_tells_what_did_not_arrive(emulator: StripeEmulator) -> None:
    emulator.http.post("/_emulator/deliveries/pause")
    pay(emulator)

    def listed(success: str) -> list[str]:
        events = emulator.http.get("/v1/events", params={"delivery_success": success}).json()["data"]
        return [event["type"] for event in events]

    assert len(listed("false")) == 4
    assert listed("true") == []
    assert emulator.receiver.deliveries == []
    emulator.http.post("/_emulator/deliveries/resume")
    settled(emulator, 4)
    assert listed("false") == []
    assert COMPLETED in listed("true")


def test_a_killed_emulator_goes_on_where_it_was(tmp_path: Path, receiver: Receiver) -> None:
    port = free_port()
    with stripe_emulator_at(tmp_path, receiver, port) as first:
        first.http.post("/_emulator/deliveries/pause")
        session_id = pay(first)
        os.kill(first.pid, signal.SIGKILL)
    assert receiver.deliveries == []
    with stripe_emulator_at(tmp_path, receiver, port) as second:
        assert second.http.get("/_emulator/faults").json()["paused"] is True
        second.http.post("/_emulator/deliveries/resume")
        settled(second, 4)
        assert len(receiver.of(COMPLETED, session_id)) == 1
        assert pay_by_card(second, session_id).status_code == 409


def test_every_event_can_come_several_times(emulator: StripeEmulator) -> None:
    emulator.http.post("/_emulator/faults", data={"copies": "3"})
    session_id = pay(emulator)
    settled(emulator, 12)
    copies = emulator.receiver.of(COMPLETED, session_id)
    assert len(copies) == 3
    assert len({copy.event["id"] for copy in copies}) == 1


def test_a_fact_can_be_told_again_under_another_id(emulator: StripeEmulator) -> None:
    session_id = pay(emulator)
    settled(emulator, 4)
    (first,) = emulator.receiver.of(COMPLETED, session_id)
    emulator.http.post(f"/_emulator/events/{first.event['id']}/repeat")
    settled(emulator, 5)
    again = emulator.receiver.of(COMPLETED, session_id)[1]
    assert again.event["id"] != first.event["id"]
    assert again.event["data"] == first.event["data"]


def test_a_delay_holds_deliveries_back_and_can_be_taken_away(emulator: StripeEmulator) -> None:
    def waits() -> list[float]:
        rows = emulator.http.get("/_emulator/deliveries?state=pending").json()["deliveries"]
        return [row["due"] - row["created"] for row in rows]

    emulator.http.post("/_emulator/deliveries/pause")
    emulator.http.post("/_emulator/faults", data={"delay_min_s": "0.3", "delay_max_s": "0.4"})
    pay(emulator)
    delayed = waits()
    assert len(delayed) == 4
    assert all(0.299 < wait < 0.401 for wait in delayed)
    emulator.http.post("/_emulator/faults", data={"delay_max_s": "0"})
    pay(emulator)
    assert sorted(waits())[:4] == [0.0] * 4
    emulator.http.post("/_emulator/deliveries/resume")
    settled(emulator, 8)


def test_a_resend_keeps_the_event_id(emulator: StripeEmulator) -> None:
    session_id = pay(emulator)
    settled(emulator, 4)
    (first,) = emulator.receiver.of(COMPLETED, session_id)
    event_id = first.event["id"]
    assert emulator.http.post(f"/v1/events/{event_id}/retry").json()["id"] == event_id
    assert emulator.http.post(f"/_emulator/events/{event_id}/resend").status_code == 200
    assert emulator.http.post(f"/resend/{event_id}").status_code == 303
    settled(emulator, 7)
    assert [copy.event["id"] for copy in emulator.receiver.of(COMPLETED, session_id)] == [event_id] * 4


def test_the_front_page_shows_sessions_and_events(emulator: StripeEmulator) -> None:
    assert "No session yet" in emulator.http.get("/").text
    session_id = pay(emulator)
    settled(emulator, 4)
    page = emulator.http.get("/").text
    assert session_id in page
    assert COMPLETED in page
    assert page.count("Resend") == 4


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"copies": "0"}, "copies must be from 1 to 50"),
        ({"delay_max_s": "soon"}, "delay_max_s must be a number"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_switch_is_refused_by_name(emulator: StripeEmulator, fields: dict[str, str], named: str) -> None:
    answer = emulator.http.post("/_emulator/faults", data=fields)
    assert answer.status_code == 400
    assert named in answer.json()["error"]["message"]
    assert emulator.http.get("/_emulator/faults").json() == {
        "copies": 1,
        "delay_s": [0, 0],
        "lost_answers": 0,
        "paused": False,
    }
