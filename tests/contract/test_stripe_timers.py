"""Timers of the emulator, with a clock that the test advances."""

from pathlib import Path
from typing import Any

import pytest

from emulators.stripe.config import Config
from emulators.stripe.confirmation import confirm_payment
from emulators.stripe.emulator import Call, Emulator
from emulators.stripe.payment_methods import create_payment_method
from emulators.stripe.sessions import create_session, find_session
from emulators.stripe.storage import Store
from emulators.stripe.timer_loop import run_due_timers

LINE = {"price_data": {"currency": "eur", "product_data": {"name": "Course"}, "unit_amount": "900"}, "quantity": "1"}
SESSION = {"mode": "payment", "success_url": "https://shop.example/", "line_items": [LINE]}


class ClockedEmulator:
    """An emulator in this process; the test sets its time."""

    def __init__(self, folder: Path) -> None:
        self.now = 1_795_000_000.0
        config = Config("http://localhost", folder, "http://localhost/hook", "whsec_x", "sk_test_x")
        self.emulator = Emulator(config, Store(folder), lambda: self.now)
        self.session_id = create_session(Call(self.emulator, SESSION))["id"]

    @property
    def session(self) -> dict[str, Any]:
        return find_session(Call(self.emulator), self.session_id)

    def pay_from(self, iban: str) -> None:
        fields = {"type": "sepa_debit", "sepa_debit": {"iban": iban}, "billing_details": {"email": "a@b.se"}}
        method = create_payment_method(Call(self.emulator, fields))
        confirm_payment(Call(self.emulator), self.session, method)

    def advance(self, seconds: float) -> None:
        self.now += seconds
        run_due_timers(self.emulator)

    def event_types(self) -> list[str]:
        rows = self.emulator.store.rows("select json_extract(body, '$.type') as t from objects where kind = 'event'")
        return [row["t"] for row in rows]


@pytest.fixture
def clocked(tmp_path: Path) -> ClockedEmulator:
    return ClockedEmulator(tmp_path)


def test_an_open_session_expires_once_after_a_day(clocked: ClockedEmulator) -> None:
    clocked.advance(24 * 3600 - 1)
    assert clocked.session["status"] == "open"
    clocked.advance(1)
    assert clocked.session["status"] == "expired"
    clocked.advance(3600)
    assert clocked.event_types() == ["checkout.session.expired"]


@pytest.mark.parametrize(
    ("iban", "event", "status"),
    [
        ("AT611904300234573201", "checkout.session.async_payment_succeeded", "paid"),
        ("AT861904300235473202", "checkout.session.async_payment_failed", "unpaid"),
    ],
)
def test_a_bank_debit_settles_as_its_iban_says(clocked: ClockedEmulator, iban: str, event: str, status: str) -> None:
    clocked.pay_from(iban)
    clocked.advance(clocked.emulator.config.settle_after_s - 1)
    assert clocked.event_types()[-1] == "checkout.session.completed"
    clocked.advance(1)
    assert clocked.event_types()[-1] == event
    assert (clocked.session["status"], clocked.session["payment_status"]) == ("complete", status)
    count = len(clocked.event_types())
    clocked.advance(48 * 3600)
    assert len(clocked.event_types()) == count


def test_timers_survive_a_restart(clocked: ClockedEmulator, tmp_path: Path) -> None:
    clocked.emulator.store.close()
    clocked.emulator = Emulator(clocked.emulator.config, Store(tmp_path), lambda: clocked.now)
    clocked.advance(24 * 3600)
    assert clocked.session["status"] == "expired"
