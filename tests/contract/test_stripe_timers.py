"""What the emulator does by itself later: here with a clock the test turns."""

from pathlib import Path
from typing import Any

import pytest

from emulators.stripe.config import Config
from emulators.stripe.emulator import Call, Emulator
from emulators.stripe.payment_methods import create_payment_method
from emulators.stripe.payments import pay
from emulators.stripe.sessions import create_session, find_session
from emulators.stripe.storage import Store
from emulators.stripe.timer_loop import carry_out_due

LINE = {"price_data": {"currency": "eur", "product_data": {"name": "Course"}, "unit_amount": "900"}, "quantity": "1"}
SESSION = {"mode": "payment", "success_url": "https://shop.example/", "line_items": [LINE]}


class Turned:
    """An emulator without a process; `now` is moved by hand."""

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
        pay(Call(self.emulator), self.session, method)

    def later(self, seconds: float) -> None:
        self.now += seconds
        carry_out_due(self.emulator)

    def events(self) -> list[str]:
        rows = self.emulator.store.rows("select json_extract(body, '$.type') as t from objects where kind = 'event'")
        return [row["t"] for row in rows]


@pytest.fixture
def turned(tmp_path: Path) -> Turned:
    return Turned(tmp_path)


def test_an_open_session_expires_after_a_day_and_only_once(turned: Turned) -> None:
    turned.later(24 * 3600 - 1)
    assert turned.session["status"] == "open"
    turned.later(1)
    assert turned.session["status"] == "expired"
    turned.later(3600)
    assert turned.events() == ["checkout.session.expired"]


@pytest.mark.parametrize(
    ("iban", "event", "status"),
    [
        ("AT611904300234573201", "checkout.session.async_payment_succeeded", "paid"),
        ("AT861904300235473202", "checkout.session.async_payment_failed", "unpaid"),
    ],
)
def test_a_bank_debit_settles_by_its_account(turned: Turned, iban: str, event: str, status: str) -> None:
    turned.pay_from(iban)
    turned.later(turned.emulator.config.settle_after_s - 1)
    assert turned.events()[-1] == "checkout.session.completed"
    turned.later(1)
    assert turned.events()[-1] == event
    assert (turned.session["status"], turned.session["payment_status"]) == ("complete", status)
    told = len(turned.events())
    turned.later(48 * 3600)
    assert len(turned.events()) == told


def test_a_restart_forgets_no_timer(turned: Turned, tmp_path: Path) -> None:
    turned.emulator.store.close()
    turned.emulator = Emulator(turned.emulator.config, Store(tmp_path), lambda: turned.now)
    turned.later(24 * 3600)
    assert turned.session["status"] == "expired"
