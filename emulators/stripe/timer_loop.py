"""Runs timers when they are due."""

import asyncio
import contextlib

from emulators.stripe.bank_debits import settle_debit
from emulators.stripe.emulator import Call, Emulator
from emulators.stripe.errors import ApiError
from emulators.stripe.json_types import Json
from emulators.stripe.sessions import close_session, find_session
from emulators.stripe.timers import drop_timers, due_timers

_POLL_S = 0.2


async def run_timers(emulator: Emulator) -> None:
    """Run due timers until the task is cancelled."""
    while True:
        run_due_timers(emulator)
        await asyncio.sleep(_POLL_S)


def run_due_timers(emulator: Emulator) -> None:
    """Run what is due by the emulator's clock, each timer in its own transaction."""
    call = Call(emulator)
    for timer in due_timers(call):
        with emulator.store.transaction():
            _run_timer(call, timer)


def _run_timer(call: Call, timer: Json) -> None:
    drop_timers(call, timer["subject"])
    # A session that was paid or has expired meanwhile raises ApiError; then there is nothing to do.
    with contextlib.suppress(ApiError):
        session = find_session(call, timer["subject"])
        if timer["action"] != "expire":
            settle_debit(call, session, succeeded=timer["action"] == "settle")
        elif session["status"] == "open":
            close_session(call, session)
