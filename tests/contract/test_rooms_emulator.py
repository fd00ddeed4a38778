"""What the emulator of rooms does by itself: faults on purpose, retries, empty rooms, refused calls."""

from collections.abc import Generator
from itertools import pairwise
from typing import Any

import httpx
import jwt
import pytest
from livekit.protocol.models import ParticipantPermission, TrackSource
from livekit.protocol.room import CreateRoomRequest
from livekit.protocol.webhook import WebhookEvent

from core.ports.errors import GatewayUnavailable
from emulators.livekit.access import CallRefusedError, Claims, may_publish
from emulators.livekit.rooms import Rooms
from emulators.livekit.webhook_events import Reports
from tests.contract.live_servers import KEY, RETRY_BASE, SECRET, LiveServer, live_emulator
from tests.contract.receiver import webhook_receiver
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def live_server(tmp_path_factory: pytest.TempPathFactory) -> Generator[LiveServer]:
    with (
        webhook_receiver(provider="livekit") as receiver,
        live_emulator(receiver, tmp_path_factory.mktemp("livekit")) as server,
    ):
        yield server


@pytest.fixture
def http(live_server: LiveServer) -> Generator[httpx.Client]:
    with httpx.Client(base_url=live_server.url.replace("ws://", "http://"), trust_env=False) as client:
        yield client
        client.post("/_emulator/faults", data={"delay": "0", "status": "", "copies": "1"})


def make_rooms(now: list[float]) -> tuple[Rooms, list[str]]:
    told: list[str] = []

    def tell(event: WebhookEvent) -> None:
        told.append(event.event)

    return Rooms(Reports(lambda: now[0], tell)), told


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_that_fails_is_unavailable(
    live_server: LiveServer, room: str, http: httpx.Client, status: int
) -> None:
    assert http.post("/_emulator/faults", data={"status": str(status)}).is_success
    with pytest.raises(GatewayUnavailable):
        list(live_server.gateway.participants(room))


def test_a_server_that_is_slow_is_unavailable(
    live_server: LiveServer, room: str, http: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    http.post("/_emulator/faults", data={"delay": "1"})
    monkeypatch.setattr("core.gateways.livekit.CALL_S", 0.1)
    with pytest.raises(GatewayUnavailable, match="Timeout"):
        list(live_server.gateway.participants(room))


def test_a_server_that_is_down_is_unavailable(live_server: LiveServer) -> None:
    gateway = type(live_server.gateway)("ws://127.0.0.1:1", KEY, SECRET)
    with pytest.raises(GatewayUnavailable):
        list(gateway.participants("seminar"))


@pytest.mark.parametrize("wrong", [{"status": "200"}, {"delay": "-1"}, {"copies": "0"}, {"delay": "x"}, {"other": "1"}])
def test_a_fault_that_makes_no_sense_is_refused(http: httpx.Client, wrong: dict[str, str]) -> None:
    assert http.post("/_emulator/faults", data=wrong).status_code == 422


def test_an_event_is_tried_five_times_and_dropped(live_server: LiveServer, room: str, http: httpx.Client) -> None:
    live_server.event(room, "room_started")
    live_server.receiver.responses.extend([500] * 5)
    live_server.gateway.delete(room)
    wait_until(lambda: _state(http, room) == "dropped", "it is dropped")
    tries = [each for each in live_server.receiver.deliveries if _is_end_of(each.event, room)]
    assert len({each.event["id"] for each in tries}) == 1
    gaps = [after.at - before.at for before, after in pairwise(tries)]
    assert len(gaps) == 4
    assert all(gap >= RETRY_BASE * pauses * 0.9 for gap, pauses in zip(gaps, (1, 2, 4, 8), strict=True))


def test_an_event_comes_twice_if_asked_for(live_server: LiveServer, room: str, http: httpx.Client) -> None:
    live_server.event(room, "room_started")
    http.post("/_emulator/faults", data={"copies": "2"})
    live_server.gateway.delete(room)
    wait_until(lambda: len(live_server.events(room, "room_finished")) > 1, "it came twice")
    first, second = live_server.events(room, "room_finished")
    assert first["id"] == second["id"]


def test_a_room_where_no_one_came_ends_after_its_empty_timeout() -> None:
    now = [0.0]
    rooms, told = make_rooms(now)
    rooms.create(CreateRoomRequest(name="seminar", empty_timeout=60))
    now[0] = 59.0
    assert len(rooms.all()) == 1
    now[0] = 60.0
    assert rooms.all() == []
    assert told == ["room_started", "room_finished"]


def test_a_room_that_everybody_left_ends_after_its_departure_timeout() -> None:
    now = [0.0]
    rooms, _ = make_rooms(now)
    room = rooms.create(CreateRoomRequest(name="seminar", empty_timeout=60, departure_timeout=5))
    room.was_used = True
    now[0] = 4.0
    assert len(rooms.all()) == 1
    now[0] = 5.0
    with pytest.raises(CallRefusedError, match="does not exist"):
        rooms.get("seminar")


@pytest.mark.parametrize(
    ("grants", "source", "may"),
    [
        ({}, TrackSource.CAMERA, True),
        ({"canPublish": False}, TrackSource.CAMERA, False),
        ({"canPublishSources": ["microphone"]}, TrackSource.MICROPHONE, True),
        ({"canPublishSources": ["microphone"]}, TrackSource.CAMERA, False),
        ({"canPublish": False, "canPublishSources": ["microphone"]}, TrackSource.MICROPHONE, False),
    ],
)
def test_a_source_is_published_only_with_its_right(
    grants: dict[str, object], source: TrackSource, *, may: bool
) -> None:
    assert may_publish(Claims({"video": grants}).permission, source) is may


def test_rights_that_are_changed_stay_in_the_next_token() -> None:
    claims = Claims({"video": {"room": "seminar", "canPublish": False}})
    changed = claims.permitted(ParticipantPermission(can_publish=True, can_publish_sources=[TrackSource.MICROPHONE]))
    assert changed.grants["room"] == "seminar"
    assert changed.permission.can_publish_sources == [TrackSource.MICROPHONE]


@pytest.mark.parametrize(
    ("method", "grants", "body", "answer"),
    [
        ("CreateRoom", {"roomList": True}, {"name": "x"}, (401, "unauthenticated")),
        ("CreateRoom", {"roomCreate": True}, {"name": ""}, (400, "invalid_argument")),
        ("CreateRoom", {"roomCreate": True}, {"unknown": 1}, (400, "malformed")),
        ("ListRooms", {}, {}, (401, "unauthenticated")),
        ("DeleteRoom", {"roomCreate": True}, {"room": "missing"}, (404, "not_found")),
        ("ListParticipants", {"roomAdmin": True, "room": "other"}, {"room": "x"}, (401, "unauthenticated")),
        ("GetParticipant", {"roomAdmin": True, "room": "x"}, {"room": "x", "identity": "y"}, (404, "not_found")),
        ("Nothing", {}, {}, (404, "bad_route")),
    ],
)
def test_a_call_that_is_refused_has_a_code_of_twirp(
    http: httpx.Client, method: str, grants: dict[str, object], body: dict[str, object], answer: tuple[int, str]
) -> None:
    signed = jwt.encode({"iss": KEY, "video": grants}, SECRET, "HS256")
    response = http.post(
        f"/twirp/livekit.RoomService/{method}", json=body, headers={"Authorization": f"Bearer {signed}"}
    )
    assert (response.status_code, response.json()["code"]) == answer


def test_a_join_request_that_cannot_be_read_is_refused(http: httpx.Client, room: str) -> None:
    signed = jwt.encode({"iss": KEY, "sub": "guest", "video": {"roomJoin": True, "room": room}}, SECRET, "HS256")
    headers = {"Authorization": f"Bearer {signed}"}
    assert http.get("/rtc/validate", headers=headers).text == "success"
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    response = http.get("/rtc/v1?join_request=nothing", headers={**headers, **upgrade})
    assert (response.status_code, response.text) == (400, "the join request cannot be read")


def _state(http: httpx.Client, room: str) -> str:
    shown = http.get("/_emulator/deliveries").json()
    return next((each["state"] for each in shown if _is_end_of(each["event"], room)), "")


def _is_end_of(event: dict[str, Any], room: str) -> bool:
    return event["event"] == "room_finished" and event["room"]["name"] == room
