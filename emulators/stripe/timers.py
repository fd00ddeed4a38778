"""Timers: sessions expire, bank debits settle."""

from emulators.stripe.emulator import Call
from emulators.stripe.json_types import Json


def set_timer(call: Call, due: float, action: str, subject: str) -> None:
    """Schedule `action` for the object with id `subject` at `due` (seconds since 1970)."""
    call.store.run("insert into timers (due, action, subject) values (?, ?, ?)", due, action, subject)


def drop_timers(call: Call, subject: str) -> None:
    """Delete every timer of an object."""
    call.store.run("delete from timers where subject = ?", subject)


def due_timers(call: Call) -> list[Json]:
    """Every timer that is due, oldest first."""
    return call.store.rows("select * from timers where due <= ? order by due, id", call.emulator.now())
