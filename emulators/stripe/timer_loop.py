"""Carries out timers as they fall due."""

import asyncio
import contextlib

from emulators.stripe.emulator import Call, Emulator
from emulators.stripe.errors import ApiError
from emulators.stripe.json_types import Json
from emulators.stripe.payments import settle
from emulators.stripe.sessions import close_session, find_session
from emulators.stripe.timers import drop_timers, due_timers

_LOOK_S = 0.2


async def run_timers(emulator: Emulator) -> None:
    """Look for due timers for ever; cancelled when the emulator stops."""
    while True:
        carry_out_due(emulator)
        await asyncio.sleep(_LOOK_S)


def carry_out_due(emulator: Emulator) -> None:
    """Carry out what is due by the emulator's clock, each in a transaction of its own."""
    call = Call(emulator)
    for timer in due_timers(call):
        with emulator.store.transaction():
            _carry_out(call, timer)


def _carry_out(call: Call, timer: Json) -> None:
    drop_timers(call, timer["subject"])
    # A session that was paid or expired meanwhile refuses, which is the right outcome.
    with contextlib.suppress(ApiError):
        session = find_session(call, timer["subject"])
        if timer["action"] != "expire":
            settle(call, session, succeeded=timer["action"] == "settle")
        elif session["status"] == "open":
            close_session(call, session)
