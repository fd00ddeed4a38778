"""Runs timers when they are due."""

import asyncio
import contextlib
from collections.abc import Callable

from emulators.stripe.bank_debits import settle_debit
from emulators.stripe.dispute_results import lose_dispute, win_dispute
from emulators.stripe.emulator import Call, Emulator
from emulators.stripe.errors import ApiError
from emulators.stripe.json_types import Json
from emulators.stripe.refund_results import fail_refund, succeed_refund
from emulators.stripe.sessions import close_session
from emulators.stripe.timers import drop_timers, due_timers

_POLL_S = 0.2


def _expire(call: Call, session: Json) -> None:
    if session["status"] == "open":
        close_session(call, session)


# Action of a timer: the kind of its object, and what is done with it.
_ACTIONS: dict[str, tuple[str, Callable[[Call, Json], object]]] = {
    "expire": ("checkout.session", _expire),
    "settle_debit": ("payment_intent", lambda call, intent: settle_debit(call, intent, succeeded=True)),
    "fail_debit": ("payment_intent", lambda call, intent: settle_debit(call, intent, succeeded=False)),
    "succeed_refund": ("refund", succeed_refund),
    "fail_refund": ("refund", fail_refund),
    "win_dispute": ("dispute", win_dispute),
    "lose_dispute": ("dispute", lose_dispute),
}


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
    if timer["action"] not in _ACTIONS:  # written by an older emulator
        return
    kind, action = _ACTIONS[timer["action"]]
    subject = call.store.find(kind, timer["subject"])
    # A session that was paid or has expired meanwhile raises ApiError; then there is nothing to do.
    with contextlib.suppress(ApiError):
        if subject is not None:
            action(call, subject)
