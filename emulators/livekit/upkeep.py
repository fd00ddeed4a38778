"""What the server does by itself: it ends empty rooms, and gives connected clients new tokens."""

import asyncio

from livekit.protocol.rtc import SignalResponse

from emulators.livekit.access import Key
from emulators.livekit.rooms import Rooms

# Seconds.
_POLL_S = 0.2
_TOKEN_EVERY = 300


async def run_upkeep(rooms: Rooms, key: Key) -> None:
    """Run until the task is cancelled."""
    while True:
        for room in rooms.all():
            for member in room.members.values():
                if rooms.now() - member.token_at >= _TOKEN_EVERY:
                    member.token_at = rooms.now()
                    member.send(SignalResponse(refresh_token=key.refreshed(member.claims, member.token_at)))
        await asyncio.sleep(_POLL_S)
