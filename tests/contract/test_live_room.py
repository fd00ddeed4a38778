"""What clients meet in a live room, held by LiveKit's own SDK against the emulator and LiveKit's server."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from livekit import rtc
from livekit.protocol.models import DisconnectReason, ParticipantPermission
from livekit.protocol.room import (
    DeleteRoomRequest,
    MuteRoomTrackRequest,
    RoomParticipantIdentity,
    SendDataRequest,
    UpdateParticipantRequest,
)

from core.ports.rooms import RoomPlan
from tests.contract.live_clients import LiveClient, clients, until
from tests.contract.live_servers import LiveServer, token

LISTENER = {"can_publish": False, "can_publish_data": False, "can_update_own_metadata": False}


async def permit(server: LiveServer, room: str, identity: str, *, publish: bool, data: bool) -> None:
    permission = ParticipantPermission(can_subscribe=True, can_publish=publish, can_publish_data=data)
    async with server.api() as api:
        await api.room.update_participant(UpdateParticipantRequest(room=room, identity=identity, permission=permission))


async def remove(server: LiveServer, room: str, identity: str) -> None:
    async with server.api() as api:
        await api.room.remove_participant(RoomParticipantIdentity(room=room, identity=identity))


def meet(
    server: LiveServer, room: str, scenario: Callable[[LiveClient, LiveClient], Awaitable[None]], *names: str
) -> None:
    """Run a scenario of two clients, which have yet to join."""

    async def run() -> None:
        async with clients(server, room, *(names or ("host", "guest"))) as (one, other):
            await scenario(one, other)

    asyncio.run(run())


def test_two_participants_exchange_audio_video_and_data(live_server: LiveServer, room: str) -> None:
    async def scenario(host: LiveClient, guest: LiveClient) -> None:
        await host.join()
        await guest.join(can_publish=False, can_publish_data=True)
        await host.speak()
        await host.show()
        await asyncio.gather(guest.hears_or_watches("audio"), guest.hears_or_watches("video"))
        await host.local.publish_data(b"welcome", topic="chat")
        await guest.local.publish_data(b"thanks", reliable=False)
        assert await guest.received(1) == [b"welcome"]
        assert await host.received(1) == [b"thanks"]
        (packet,) = guest.times("data_received")[0]
        assert (packet.topic, packet.participant.identity) == ("chat", "host")

    meet(live_server, room, scenario)


def test_one_who_comes_later_receives_what_is_published(live_server: LiveServer, room: str) -> None:
    async def scenario(host: LiveClient, guest: LiveClient) -> None:
        await host.join()
        published = await host.speak()
        await guest.join(**LISTENER)
        await guest.hears_or_watches("audio")
        await host.local.unpublish_track(published.sid)
        await guest.sees("track_unpublished")

    meet(live_server, room, scenario)


def test_one_without_the_right_publishes_nothing_until_it_is_given(live_server: LiveServer, room: str) -> None:
    async def scenario(host: LiveClient, guest: LiveClient) -> None:
        await host.join()
        await guest.join(can_publish=False, can_publish_data=False, can_update_own_metadata=True)
        await host.sees("participant_connected")
        refused = asyncio.create_task(guest.speak())
        # Signals are handled in their order: what comes after the track is seen, so the track was refused.
        await asyncio.sleep(0)
        await guest.local.set_attributes({"hand": "raised"})
        await host.sees("participant_attributes_changed")
        assert host.times("track_published") == []
        refused.cancel()
        await asyncio.gather(refused, return_exceptions=True)
        await permit(live_server, room, "guest", publish=True, data=True)
        await guest.sees("participant_permissions_changed")
        assert guest.local.permissions.can_publish
        await guest.show()
        await host.hears_or_watches("video")

    meet(live_server, room, scenario)


def test_a_right_that_is_taken_ends_what_was_published(live_server: LiveServer, room: str) -> None:
    async def scenario(host: LiveClient, guest: LiveClient) -> None:
        await host.join()
        await guest.join()
        await guest.speak()
        await host.hears_or_watches("audio")
        await permit(live_server, room, "guest", publish=False, data=False)
        await host.sees("track_unpublished")
        await guest.sees("participant_permissions_changed")

    meet(live_server, room, scenario)


def test_data_without_the_right_reaches_no_one(live_server: LiveServer, room: str) -> None:
    async def scenario(host: LiveClient, guest: LiveClient) -> None:
        await host.join()
        await guest.join()
        await guest.local.publish_data(b"first")
        assert await host.received(1) == [b"first"]
        await permit(live_server, room, "guest", publish=True, data=False)
        await guest.sees("participant_permissions_changed")
        await guest.local.publish_data(b"second")
        await permit(live_server, room, "guest", publish=True, data=True)
        await until(lambda: len(guest.times("participant_permissions_changed")) > 1, "the right is back")
        await guest.local.publish_data(b"third")
        assert await host.received(2) == [b"first", b"third"]

    meet(live_server, room, scenario)


def test_a_hand_is_raised_only_by_those_who_may(live_server: LiveServer, room: str) -> None:
    async def scenario(host: LiveClient, guest: LiveClient) -> None:
        await host.join(can_update_own_metadata=True)
        await guest.join(**LISTENER)
        await host.sees("participant_connected")
        await host.local.set_attributes({"hand": "raised"})
        changed, who = await guest.sees("participant_attributes_changed")
        assert (changed, who.identity) == ({"hand": "raised"}, "host")
        # The client waits for the server's answer, and says nothing about a refusal.
        await guest.local.set_attributes({"hand": "raised"})
        async with live_server.api() as api:
            found = await api.room.get_participant(RoomParticipantIdentity(room=room, identity="guest"))
        assert dict(found.attributes) == {}

    meet(live_server, room, scenario)


def test_a_track_is_muted_for_everybody(live_server: LiveServer, room: str) -> None:
    async def scenario(host: LiveClient, guest: LiveClient) -> None:
        await host.join()
        await guest.join()
        published = await guest.speak()
        await host.sees("track_subscribed")
        request = MuteRoomTrackRequest(room=room, identity="guest", track_sid=published.sid, muted=True)
        async with live_server.api() as api:
            await api.room.mute_published_track(request)
        who, muted = await host.sees("track_muted")
        assert (who.identity, muted.sid) == ("guest", published.sid)

    meet(live_server, room, scenario)


def test_the_application_sends_data_to_everybody(live_server: LiveServer, room: str) -> None:
    async def scenario(host: LiveClient, guest: LiveClient) -> None:
        await host.join()
        await guest.join(**LISTENER)
        async with live_server.api() as api:
            await api.room.send_data(
                SendDataRequest(room=room, data=b"soon", topic="notice", nonce=b"0123456789abcdef")
            )
        assert await host.received(1) == await guest.received(1) == [b"soon"]

    meet(live_server, room, scenario)


def test_a_removed_participant_is_out_and_may_come_back_while_the_token_is_valid(
    live_server: LiveServer, room: str
) -> None:
    async def scenario(host: LiveClient, guest: LiveClient) -> None:
        ticket = token(room, "guest")
        await host.join()
        await guest.join_with(ticket)
        await guest.speak()
        await host.sees("track_subscribed")
        await remove(live_server, room, "guest")
        assert await guest.sees("disconnected") == (DisconnectReason.PARTICIPANT_REMOVED,)
        await host.sees("participant_disconnected")
        await host.sees("track_unpublished")
        assert [each.identity for each in await asyncio.to_thread(live_server.gateway.participants, room)] == ["host"]
        async with clients(live_server, room, "guest") as [again]:
            await again.join_with(ticket)
            await until(lambda: len(host.times("participant_connected")) > 1, "the guest is back")

    meet(live_server, room, scenario)


def test_the_same_identity_is_there_once(live_server: LiveServer, room: str) -> None:
    async def scenario(first: LiveClient, second: LiveClient) -> None:
        await first.join()
        await second.join()
        assert await first.sees("disconnected") == (DisconnectReason.DUPLICATE_IDENTITY,)
        there = await asyncio.to_thread(live_server.gateway.participants, room)
        assert [each.identity for each in there] == ["guest"]

    meet(live_server, room, scenario, "guest", "guest")


def test_the_end_of_a_room_sends_everybody_out(live_server: LiveServer, room: str) -> None:
    async def scenario(host: LiveClient, guest: LiveClient) -> None:
        await host.join()
        await guest.join()
        async with live_server.api() as api:
            await api.room.delete_room(DeleteRoomRequest(room=room))
        assert await host.sees("disconnected") == (DisconnectReason.ROOM_DELETED,)
        assert await guest.sees("disconnected") == (DisconnectReason.ROOM_DELETED,)
        with pytest.raises(rtc.ConnectError, match=r"404.*requested room does not exist"):
            await LiveClient(live_server, room, "late").join()

    meet(live_server, room, scenario)


def test_a_full_room_lets_no_one_in(live_server: LiveServer, room: str) -> None:
    plan = RoomPlan(f"{room}-small", 1, timedelta(hours=1), timedelta(minutes=5), "")
    live_server.gateway.create(plan)

    async def scenario(first: LiveClient, second: LiveClient) -> None:
        await first.join()
        with pytest.raises(rtc.ConnectError, match="500"):
            await second.join()

    meet(live_server, plan.name, scenario)


@pytest.mark.parametrize(("why", "status"), [("wrong secret", "401"), ("expired", "401"), ("missing room", "404")])
def test_who_may_not_come_in_is_told_why(live_server: LiveServer, room: str, why: str, status: str) -> None:
    tickets = {
        "wrong secret": token(room, "guest", secret="another-secret-that-has-32-bytes-"),
        "expired": token(room, "guest", life=-3600),
        "missing room": token(f"{room}-missing", "guest"),
    }

    async def scenario(guest: LiveClient, _other: LiveClient) -> None:
        with pytest.raises(rtc.ConnectError, match=status):
            await guest.join_with(tickets[why])

    meet(live_server, room, scenario)
