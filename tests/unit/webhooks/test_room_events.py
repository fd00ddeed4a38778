"""What is read from LiveKit's events, and what is stored of them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest

from core.problems import InputInvalid
from core.webhooks.room_events import read_room_event
from tests.support.room_events import room_body

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
# One of each type that a real server (1.9.11) sent.
EVENTS = Path(__file__).parents[2] / "data" / "livekit_events.jsonl"
REAL = [orjson.loads(line) for line in EVENTS.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("real", REAL, ids=lambda real: real["body"]["event"])
def test_every_event_of_a_real_server_is_read(real: dict[str, Any]) -> None:
    event = read_room_event(orjson.dumps(real["body"]))
    assert (event.provider, event.event_id, event.type) == ("livekit", real["body"]["id"], real["body"]["event"])
    assert event.occurred_at.timestamp() == int(real["body"]["createdAt"])
    assert event.data["kind"] in {"none", "room_joined", "room_left", "room_ended"}


def test_a_joining_names_the_room_and_the_stay() -> None:
    seminar_id, person = uuid4(), uuid4()
    event = read_room_event(orjson.dumps(room_body("participant_joined", seminar_id, person, NOON, "PA_7")))
    assert event.data == {
        "kind": "room_joined",
        "room": f"seminar-{seminar_id}",
        "identity": str(person),
        "sid": "PA_7",
        "joined_at": "2026-06-01T12:00:00+00:00",
    }


def test_the_name_of_a_person_is_not_stored() -> None:
    body = room_body("participant_joined", uuid4(), uuid4(), NOON)
    assert "Kim Berg" in str(body)
    event = read_room_event(orjson.dumps(body))
    assert "Kim Berg" not in event.body
    assert read_room_event(event.body.encode()).data == event.data


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"event": "Participant Joined"}, "event"),
        ({"event": None}, "event"),
        ({"id": ""}, "id"),
        ({"createdAt": "soon"}, "createdAt"),
        ({"createdAt": 1_800_000_000}, "createdAt"),
        ({"room": "seminar"}, "room"),
        ({"participant": None}, "participant"),
        ({"participant": {"sid": "PA_1"}}, "participant.identity"),
        ({"participant": {"identity": "someone", "sid": "P A"}}, "participant.sid"),
        ({"participant": {"identity": "\ud800", "sid": "PA_1"}}, "participant.identity"),
    ],
)
def test_a_field_that_is_not_as_it_must_be_is_named(changed: dict[str, Any], field: str) -> None:
    body = {**room_body("participant_joined", uuid4(), uuid4(), NOON), **changed}
    with pytest.raises(InputInvalid) as raised:
        read_room_event(json.dumps(body).encode())
    assert raised.value.field == field


@pytest.mark.parametrize("body", [b"[]", b"{", b"\xff", b"null"])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(InputInvalid):
        read_room_event(body)
