"""Two participants meet in the room of a seminar, by LiveKit's own client."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from livekit import rtc

from scripts.run.errors import RunFailedError

_SECONDS: Final = 20.0


def meet(host: Mapping[str, Any], attendee: Mapping[str, Any]) -> str:
    """Let both join with what `POST /sfu/token` answered them, wait until each sees the other, and leave.

    Returns their names. Raises RunFailedError when they do not meet within 20 seconds.
    """
    return asyncio.run(_meet(host, attendee))


async def _meet(host: Mapping[str, Any], attendee: Mapping[str, Any]) -> str:
    rooms = [rtc.Room(), rtc.Room()]
    try:
        async with asyncio.timeout(_SECONDS):
            for room, entry in zip(rooms, (host, attendee), strict=True):
                await room.connect(entry["url"], entry["token"])
            while not all(room.remote_participants for room in rooms):  # noqa: ASYNC110 - no event for both
                await asyncio.sleep(0.02)
            await rooms[0].local_participant.publish_data(b"welcome")
        names = [room.local_participant.name for room in rooms]
    except (rtc.ConnectError, rtc.room.ConnectError, TimeoutError) as error:
        raise RunFailedError(f"the participants do not meet: {error or type(error).__name__}") from error
    finally:
        for room in rooms:
            await room.disconnect()
    return f"{names[0]} and {names[1]}"
