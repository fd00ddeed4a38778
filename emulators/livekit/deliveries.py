"""Delivers events to the webhook address: those of a room in order, each tried again four times, then dropped."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import orjson
from livekit.protocol.webhook import WebhookEvent

from emulators.livekit.access import Key
from emulators.livekit.webhook_events import body_of, signed

_log = logging.getLogger(__name__)
# Pauses before each try, in units of the first one: the server was seen to send at 0, 1, 3, 7 and 15 s.
_PAUSES: Final = (0, 1, 2, 4, 8)
# The most deliveries kept for `GET /_emulator/deliveries`.
_KEPT: Final = 1_000


@dataclass(slots=True)
class Delivery:
    """One event on its way; `state` is pending, delivered or dropped."""

    event: WebhookEvent
    state: str = "pending"
    attempts: int = 0

    def shown(self) -> dict[str, Any]:
        """For the emulator's own pages."""
        return {"state": self.state, "attempts": self.attempts, "event": body_of(self.event)}


@dataclass(slots=True)
class Deliverer:
    """Posts to `url`, or keeps the events only, if there is none. `pause_s` is the first pause between two tries."""

    key: Key
    url: str | None
    now: Callable[[], float]
    pause_s: float = 1.0
    timeout_s: float = 5.0
    copies: int = 1
    deliveries: list[Delivery] = field(default_factory=list[Delivery])
    _rooms: dict[str, asyncio.Queue[Delivery]] = field(default_factory=dict[str, asyncio.Queue[Delivery]])
    _tasks: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    def tell(self, event: WebhookEvent) -> None:
        """Queue an event behind those of the same room."""
        for _ in range(self.copies):
            delivery = Delivery(event)
            self.deliveries.append(delivery)
            del self.deliveries[:-_KEPT]
            if self.url:
                self._queue_of(event.room.name).put_nowait(delivery)

    async def close(self) -> None:
        """Stop; what was not delivered is lost, as in the server."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _queue_of(self, room: str) -> asyncio.Queue[Delivery]:
        if room not in self._rooms:
            self._rooms[room] = asyncio.Queue()
            task = asyncio.create_task(self._deliver_all(room, self._rooms[room]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return self._rooms[room]

    async def _deliver_all(self, room: str, queue: asyncio.Queue[Delivery]) -> None:
        async with httpx.AsyncClient(timeout=self.timeout_s, trust_env=False) as client:
            while not queue.empty():
                await self._deliver(client, queue.get_nowait())
        del self._rooms[room]

    async def _deliver(self, client: httpx.AsyncClient, delivery: Delivery) -> None:
        body = orjson.dumps(body_of(delivery.event))
        for pause in _PAUSES:
            await asyncio.sleep(pause * self.pause_s)
            delivery.attempts += 1
            with suppress(httpx.HTTPError):
                headers = signed(body, self.key, self.now())
                response = await client.post(self.url or "", content=body, headers=headers)
                if response.is_success:
                    delivery.state = "delivered"
                    return
        delivery.state = "dropped"
        _log.warning("%s %s was dropped", delivery.event.event, delivery.event.id)
