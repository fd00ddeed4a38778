"""Timers of the emulator, with a clock that the test advances."""

from pathlib import Path
from typing import Any

import pytest

from emulators.stripe.config import Config
from emulators.stripe.confirmation import confirm_payment
from emulators.stripe.dispute_results import open_dispute
from emulators.stripe.disputes import update_dispute
from emulators.stripe.emulator import Call, Emulator
from emulators.stripe.payment_methods import create_payment_method, resolve_method
from emulators.stripe.refunds import create_refund
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

    def pay_by_card(self, token: str) -> str:
        """Pay the session; returns the charge's id."""
        method = resolve_method(Call(self.emulator), token)
        return confirm_payment(Call(self.emulator), self.session, method)["latest_charge"]

    def find(self, kind: str, object_id: str) -> dict[str, Any]:
        found = self.emulator.store.find(kind, object_id)
        assert found is not None
        return found

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
        ("IT60X0542811101000000123456", "checkout.session.async_payment_failed", "unpaid"),
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


@pytest.mark.parametrize(
    ("token", "first", "last"),
    [("pm_card_pendingRefund", "pending", "succeeded"), ("pm_card_refundFail", "succeeded", "failed")],
)
def test_a_refund_changes_later_as_its_card_says(clocked: ClockedEmulator, token: str, first: str, last: str) -> None:
    refund = create_refund(Call(clocked.emulator, {"charge": clocked.pay_by_card(token)}))
    assert refund["status"] == first
    clocked.advance(clocked.emulator.config.settle_after_s)
    assert clocked.find("refund", refund["id"])["status"] == last


@pytest.mark.parametrize(("evidence", "state"), [("winning_evidence", "won"), ("losing_evidence", "lost")])
def test_evidence_decides_a_dispute(clocked: ClockedEmulator, evidence: str, state: str) -> None:
    charge = clocked.find("charge", clocked.pay_by_card("pm_card_visa"))
    dispute_id = open_dispute(Call(clocked.emulator), charge)["id"]
    fields = {"evidence": {"uncategorized_text": evidence}}
    assert update_dispute(Call(clocked.emulator, fields, {"id": dispute_id}))["status"] == "under_review"
    clocked.advance(clocked.emulator.config.settle_after_s)
    assert clocked.find("dispute", dispute_id)["status"] == state
    assert clocked.event_types()[-1] == "charge.dispute.closed"


def test_a_dispute_without_evidence_is_lost_when_due(clocked: ClockedEmulator) -> None:
    charge = clocked.find("charge", clocked.pay_by_card("pm_card_visa"))
    dispute = open_dispute(Call(clocked.emulator), charge)
    clocked.advance(9 * 86_400 - 1)
    assert clocked.find("dispute", dispute["id"])["status"] == "needs_response"
    clocked.advance(1)
    lost = clocked.find("dispute", dispute["id"])
    assert (lost["status"], lost["evidence_details"]["past_due"]) == ("lost", True)


def test_timers_survive_a_restart(clocked: ClockedEmulator, tmp_path: Path) -> None:
    clocked.emulator.store.close()
    clocked.emulator = Emulator(clocked.emulator.config, Store(tmp_path), lambda: clocked.now)
    clocked.advance(24 * 3600)
    assert clocked.session["status"] == "expired"
