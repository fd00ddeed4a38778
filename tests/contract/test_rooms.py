"""What the gateway of rooms promises, and what the server's webhooks tell, held against both servers."""

import asyncio
import hashlib
from base64 import b64encode
from datetime import timedelta

import jwt
import pytest
from livekit.protocol.models import DisconnectReason
from livekit.protocol.room import ListRoomsRequest

from core.gateways.livekit import LiveKitGateway, LiveKitTokens
from core.ports.errors import GatewayUnavailable
from core.ports.rooms import RoomGrant, RoomPlan
from tests.contract.live_clients import LiveClient, clients
from tests.contract.live_servers import KEY, SECRET, LiveServer
from tests.support.waiting import wait_until

# What the server tells of a room when somebody comes or goes; some are left out when they are zero.
_TRACK_ROOM = {"sid", "name"}


async def listed(server: LiveServer, name: str) -> tuple[int, int, int, str]:
    async with server.api() as api:
        [found] = (await api.room.list_rooms(ListRoomsRequest(names=[name]))).rooms
    return (found.max_participants, found.empty_timeout, found.departure_timeout, found.metadata)


def visit(server: LiveServer, room: str) -> None:
    """One comes, publishes a microphone and leaves."""

    async def run() -> None:
        async with clients(server, room, "guest") as [guest]:
            await guest.join()
            await guest.speak()
            await asyncio.to_thread(server.event, room, "track_published")

    asyncio.run(run())


def test_a_room_is_made_once(live_server: LiveServer, room: str) -> None:
    other = RoomPlan(room, 99, timedelta(seconds=9), timedelta(seconds=9), "other")
    live_server.gateway.create(other)
    assert asyncio.run(listed(live_server, room)) == (12, 3600, 300, '{"title":"Live"}')
    live_server.event(room, "room_started")
    assert len(live_server.events(room, "room_started")) == 1


def test_participants_are_listed_and_sent_out(live_server: LiveServer, room: str) -> None:
    async def scenario(guest: LiveClient) -> None:
        await guest.join()
        [there] = await asyncio.to_thread(live_server.gateway.participants, room)
        assert there.identity == "guest"
        await asyncio.to_thread(live_server.gateway.remove, room, "guest")
        assert await guest.sees("disconnected") == (DisconnectReason.PARTICIPANT_REMOVED,)

    async def run() -> None:
        async with clients(live_server, room, "guest") as [guest]:
            await scenario(guest)

    asyncio.run(run())
    assert list(live_server.gateway.participants(room)) == []
    live_server.gateway.remove(room, "guest")
    assert live_server.event(room, "participant_left")["participant"]["disconnectReason"] == "PARTICIPANT_REMOVED"


def test_what_is_gone_is_no_error(live_server: LiveServer, room: str) -> None:
    gateway = live_server.gateway
    gateway.delete(room)
    gateway.delete(room)
    gateway.remove(room, "someone")
    assert list(gateway.participants(room)) == []


def test_a_wrong_key_is_unavailable_until_it_is_mended(live_server: LiveServer, room: str) -> None:
    with pytest.raises(GatewayUnavailable, match="401"):
        list(LiveKitGateway(live_server.url, KEY, SECRET[::-1]).participants(room))


def test_a_visit_is_told_from_the_start_of_the_room_to_its_end(live_server: LiveServer, room: str) -> None:
    visit(live_server, room)
    live_server.event(room, "participant_left")
    live_server.gateway.delete(room)
    live_server.event(room, "room_finished")
    kinds = [each["event"] for each in live_server.events(room)]
    assert kinds[:2] == ["room_started", "participant_joined"]
    assert set(kinds[2:-1]) == {"track_published", "track_unpublished", "participant_left"}
    assert (len(kinds), kinds[-1]) == (6, "room_finished")


def test_an_event_has_the_form_that_the_server_gives_it(live_server: LiveServer, room: str) -> None:
    visit(live_server, room)
    live_server.event(room, "participant_left")
    joined, left = live_server.event(room, "participant_joined"), live_server.event(room, "participant_left")
    assert joined["participant"]["state"] == "ACTIVE"
    assert isinstance(joined["createdAt"], str)
    assert isinstance(joined["participant"]["joinedAt"], str)
    assert joined["participant"]["permission"].keys() == {"canSubscribe", "canPublish", "canPublishData"}
    assert (left["participant"]["state"], left["participant"]["disconnectReason"]) == (
        "DISCONNECTED",
        "CLIENT_INITIATED",
    )
    track = live_server.event(room, "track_published")
    assert track["room"].keys() == _TRACK_ROOM
    assert track["participant"].keys() == {"sid", "identity"}
    # `type` is AUDIO, whose number is zero.
    assert (track["track"]["source"], "type" in track["track"]) == ("MICROPHONE", False)
    ids = [each["id"] for each in live_server.events(room)]
    assert len(set(ids)) == len(ids)
    assert all(each.startswith("EV_") for each in ids)


def test_an_event_is_signed_with_its_body(live_server: LiveServer, room: str) -> None:
    live_server.event(room, "room_started")
    delivery = next(each for each in live_server.receiver.deliveries if each.event["room"]["name"] == room)
    claims = jwt.decode(delivery.signature, SECRET, algorithms=["HS256"], issuer=KEY)
    assert claims["sha256"] == b64encode(hashlib.sha256(delivery.body).digest()).decode()
    assert claims["exp"] - claims["nbf"] == 300


def test_an_event_that_is_not_taken_comes_again_with_the_same_id(live_server: LiveServer, room: str) -> None:
    live_server.event(room, "room_started")
    live_server.receiver.responses.append(500)
    live_server.gateway.delete(room)
    wait_until(lambda: len(live_server.events(room, "room_finished")) > 1, "it came again")
    first, second = live_server.events(room, "room_finished")
    assert first == second


@pytest.mark.parametrize(("role", "leads"), [("host", True), ("attendee", False)])
def test_a_token_gives_the_least_rights(role: str, leads: bool) -> None:  # noqa: FBT001 - a parameter of a test
    grant = RoomGrant("seminar-1", "someone", "Kim", "host" if role == "host" else "attendee", timedelta(minutes=5))
    claims = jwt.decode(LiveKitTokens(KEY, SECRET).sign(grant), SECRET, algorithms=["HS256"])
    assert claims["video"] == {
        "roomJoin": True,
        "room": "seminar-1",
        "canPublish": leads,
        "canPublishData": leads,
        "canSubscribe": True,
        "canUpdateOwnMetadata": False,
        **({"roomAdmin": True} if leads else {}),
    }
    assert (claims["sub"], claims["name"], claims["iss"]) == ("someone", "Kim", KEY)
    assert claims["exp"] - claims["nbf"] == 300
