"""The Stripe emulator in a thread, on an injected clock. It delivers nothing and lets no time pass by itself."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette

from core.clock import Clock
from emulators.stripe.config import Config
from emulators.stripe.controls.routes import control_routes
from emulators.stripe.emulator import Emulator
from emulators.stripe.pages.checkout import checkout_routes
from emulators.stripe.routes import api_routes
from emulators.stripe.signing import signature_header
from emulators.stripe.storage import Store
from emulators.stripe.timer_loop import run_due_timers
from tests.support.api_harness import served

SECRET_KEY = "sk_test_machine0123456789"
WEBHOOK_SECRET = "whsec_machine0123456789"
_TABLES = ("objects", "idempotency", "deliveries", "timers", "switches")


@dataclass(frozen=True, slots=True)
class StripeThread:
    """A running emulator. Its state is read directly, while no call to it is under way."""

    base: str
    emulator: Emulator
    http: httpx.Client
    clock: Clock

    def control(self, path: str, **fields: object) -> httpx.Response:
        return self.http.post(f"/_emulator/{path}", data={name: str(value) for name, value in fields.items()})

    def objects(self, kind: str) -> list[dict[str, Any]]:
        """Every object of a kind, in the order they were made."""
        rows = self.emulator.store.rows("select body from objects where kind = ? order by seq", kind)
        return [json.loads(row["body"]) for row in rows]

    def pass_time(self) -> None:
        """Run the timers that are due by the clock."""
        run_due_timers(self.emulator)

    def delivery(self, event: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
        """The body and the headers of a delivery of an event now."""
        body = json.dumps(event).encode()
        stamp = int(self.clock().timestamp())
        return body, {"Stripe-Signature": signature_header(body, WEBHOOK_SECRET, stamp)}

    def forget(self) -> None:
        """Delete everything."""
        with self.emulator.store.transaction():
            for table in _TABLES:
                self.emulator.store.run(f"delete from {table}")  # noqa: S608 - constant names


@contextmanager
def stripe_thread(folder: Path, clock: Clock) -> Generator[StripeThread]:
    # Debits, refunds and disputes end only when they are told to.
    never = 10.0**9
    config = Config("http://stripe.example", folder, "http://nowhere.example", WEBHOOK_SECRET, SECRET_KEY)
    config = replace(config, settle_after_s=never)
    emulator = Emulator(config, Store(folder), lambda: clock().timestamp())
    app = Starlette(routes=[*api_routes(emulator), *checkout_routes(emulator), *control_routes(emulator)])
    with served(app) as base, httpx.Client(base_url=base, trust_env=False, timeout=30) as client:
        yield StripeThread(base, emulator, client, clock)
    emulator.store.close()
