"""The running emulator, and one call into it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from emulators.stripe.config import Config
from emulators.stripe.json_types import Json
from emulators.stripe.storage import Store


@dataclass(frozen=True, slots=True)
class Emulator:
    """State, clock (seconds since 1970), the bell that wakes the delivery workers, and the running loops."""

    config: Config
    store: Store
    now: Callable[[], float]
    bell: asyncio.Event = field(default_factory=asyncio.Event)
    loops: list[asyncio.Task[None]] = field(default_factory=list[asyncio.Task[None]])


@dataclass(frozen=True, slots=True)
class Call:
    """One API request: checked against the key, decoded, with its path parameters.

    A call made by a person on the pay page has no `request_id`, as in Stripe's own events.
    """

    emulator: Emulator
    params: Json = field(default_factory=dict[str, object])
    path: dict[str, str] = field(default_factory=dict[str, str])
    request_id: str | None = None
    idempotency_key: str | None = None

    @property
    def store(self) -> Store:
        """The emulator's state."""
        return self.emulator.store

    @property
    def created(self) -> int:
        """The time of the call in whole seconds, as Stripe stamps objects."""
        return int(self.emulator.now())
