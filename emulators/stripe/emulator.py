"""The running emulator, and one request to it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from emulators.stripe.config import API_VERSION, Config
from emulators.stripe.json_types import Json
from emulators.stripe.storage import Store


@dataclass(frozen=True, slots=True)
class Emulator:
    """State, clock (seconds since 1970) and the background loops.

    `wakeup` wakes the delivery loop, `listeners` each connected `stripe listen`.
    """

    config: Config
    store: Store
    now: Callable[[], float]
    wakeup: asyncio.Event = field(default_factory=asyncio.Event)
    listeners: set[asyncio.Event] = field(default_factory=set[asyncio.Event])
    loops: list[asyncio.Task[None]] = field(default_factory=list[asyncio.Task[None]])

    def wake(self) -> None:
        """Let every delivery loop look for new work."""
        for loop in (self.wakeup, *self.listeners):
            loop.set()


@dataclass(frozen=True, slots=True)
class Call:
    """One decoded API request with its path parameters.

    A call from the checkout page has no `request_id`, as in Stripe's own events.
    """

    emulator: Emulator
    params: Json = field(default_factory=dict[str, object])
    path: dict[str, str] = field(default_factory=dict[str, str])
    request_id: str | None = None
    idempotency_key: str | None = None
    version: str = API_VERSION

    @property
    def store(self) -> Store:
        """The emulator's state."""
        return self.emulator.store

    @property
    def created(self) -> int:
        """The time of the call in whole seconds, as in Stripe's `created`."""
        return int(self.emulator.now())
