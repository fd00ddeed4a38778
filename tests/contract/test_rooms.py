"""What the gateway of rooms promises, held by the real SDK against the emulator."""

from collections.abc import Generator
from datetime import timedelta

import jwt
import pytest
from livekit.protocol.models import ParticipantInfo
from livekit.protocol.room import CreateRoomRequest

from core.gateways.livekit import LiveKitGateway, LiveKitTokens
from core.ports.errors import GatewayUnavailable
from core.ports.rooms import RoomGrant, RoomPlan
from emulators.livekit.access import Key
from emulators.livekit.app import RoomService, make_app
from emulators.livekit.rooms import Rooms
from tests.support.api_harness import served

SECRET = "a-secret-of-the-tests-with-32-bytes"
PLAN = RoomPlan("seminar-1", 12, timedelta(hours=1), timedelta(minutes=5), '{"title":"Live"}')


@pytest.fixture
def service() -> RoomService:
    return RoomService(Rooms())


@pytest.fixture
def url(service: RoomService) -> Generator[str]:
    with served(make_app(service, Key("testkey", SECRET))) as address:
        yield address.replace("http://", "ws://")


@pytest.fixture
def gateway(url: str) -> LiveKitGateway:
    return LiveKitGateway(url, "testkey", SECRET)


def test_a_room_is_made_once(service: RoomService, gateway: LiveKitGateway) -> None:
    gateway.create(PLAN)
    gateway.create(PLAN)
    [room] = service.rooms.all()
    assert (room.info.name, room.info.max_participants, room.info.empty_timeout) == ("seminar-1", 12, 3600)
    assert (room.info.departure_timeout, room.info.metadata) == (300, '{"title":"Live"}')


def test_participants_are_listed_and_sent_out(service: RoomService, gateway: LiveKitGateway) -> None:
    gateway.create(PLAN)
    service.rooms.get("seminar-1").participants["someone"] = ParticipantInfo(
        identity="someone", joined_at=1_800_000_000
    )
    [there] = gateway.participants("seminar-1")
    assert (there.identity, there.joined_at.timestamp()) == ("someone", 1_800_000_000)
    gateway.remove("seminar-1", "someone")
    assert list(gateway.participants("seminar-1")) == []
    gateway.remove("seminar-1", "someone")


def test_what_is_gone_is_no_error(gateway: LiveKitGateway) -> None:
    gateway.create(PLAN)
    gateway.delete("seminar-1")
    gateway.delete("seminar-1")
    gateway.remove("seminar-1", "someone")
    assert list(gateway.participants("seminar-1")) == []


def test_an_empty_room_ends_by_itself(service: RoomService) -> None:
    now = 0.0
    rooms = Rooms(lambda: now)
    service.rooms = rooms
    rooms.create(CreateRoomRequest(name="seminar-1", empty_timeout=60))
    now = 59.0
    assert len(rooms.all()) == 1
    now = 60.0
    assert rooms.all() == []


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_that_fails_is_unavailable(service: RoomService, gateway: LiveKitGateway, status: int) -> None:
    service.faults.status = status
    with pytest.raises(GatewayUnavailable):
        gateway.create(PLAN)


def test_a_server_that_is_down_or_slow_is_unavailable(
    service: RoomService, gateway: LiveKitGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(GatewayUnavailable):
        LiveKitGateway("ws://127.0.0.1:1", "testkey", SECRET).create(PLAN)
    monkeypatch.setattr("core.gateways.livekit.CALL_S", 0.1)
    service.faults.delay = 1.0
    with pytest.raises(GatewayUnavailable, match="Timeout"):
        gateway.create(PLAN)


def test_a_wrong_key_is_unavailable_until_it_is_mended(url: str) -> None:
    with pytest.raises(GatewayUnavailable, match="unauthenticated"):
        LiveKitGateway(url, "testkey", SECRET[::-1]).create(PLAN)


@pytest.mark.parametrize(("role", "leads"), [("host", True), ("attendee", False)])
def test_a_token_gives_the_least_rights(role: str, leads: bool) -> None:  # noqa: FBT001 - a parameter of a test
    grant = RoomGrant("seminar-1", "someone", "Kim", "host" if role == "host" else "attendee", timedelta(minutes=5))
    claims = jwt.decode(LiveKitTokens("testkey", SECRET).sign(grant), SECRET, algorithms=["HS256"])
    assert claims["video"] == {
        "roomJoin": True,
        "room": "seminar-1",
        "canPublish": leads,
        "canPublishData": leads,
        "canSubscribe": True,
        "canUpdateOwnMetadata": False,
        **({"roomAdmin": True} if leads else {}),
    }
    assert (claims["sub"], claims["name"], claims["iss"]) == ("someone", "Kim", "testkey")
    assert claims["exp"] - claims["nbf"] == 300
