"""The official Stripe CLI against the emulator; needs `stripe` on PATH, or its path in AULA_STRIPE_CLI."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.contract.conftest import SECRET_KEY, StripeEmulator
from tests.support.waiting import wait_until

CLI = os.environ.get("AULA_STRIPE_CLI") or shutil.which("stripe")
COMPLETED = "checkout.session.completed"
pytestmark = pytest.mark.skipif(CLI is None, reason="no Stripe CLI: npm install @stripe/cli, then AULA_STRIPE_CLI")


def stripe_cli(emulator: StripeEmulator, home: Path, *words: str) -> str:
    command = [str(CLI), *words, "--api-base", emulator.base, "--api-key", SECRET_KEY]
    # The CLI writes a configuration to HOME; the developer's must not change.
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "STRIPE_CLI_TELEMETRY_OPTOUT": "1"}
    result = subprocess.run(  # noqa: S603 - the installed CLI, constant arguments
        command, capture_output=True, text=True, timeout=60, env=environment, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr


def test_trigger_completes_a_checkout(emulator: StripeEmulator, tmp_path: Path) -> None:
    before = len(emulator.receiver.of(COMPLETED))
    add = "checkout_session:metadata.order_id=order-7"
    assert "Trigger succeeded" in stripe_cli(emulator, tmp_path, "trigger", COMPLETED, "--add", add)
    delivered = wait_until(lambda: emulator.receiver.of(COMPLETED)[before:], "the webhook")
    session = delivered[0].event["data"]["object"]
    assert (session["payment_status"], session["metadata"]) == ("paid", {"order_id": "order-7"})


@pytest.mark.parametrize(
    ("event", "resource"),
    [
        ("charge.captured", "payment_intent"),
        ("charge.dispute.closed", "payment_intent"),
        ("charge.dispute.created", "payment_intent"),
        ("charge.failed", "payment_intent"),
        ("charge.refund.updated", "payment_intent"),
        ("charge.refunded", "payment_intent"),
        ("checkout.session.async_payment_failed", "checkout_session"),
        ("checkout.session.async_payment_succeeded", "checkout_session"),
        ("customer.deleted", "customer"),
        ("payment_intent.amount_capturable_updated", "payment_intent"),
        ("payment_intent.canceled", "payment_intent"),
        ("payment_intent.payment_failed", "payment_intent"),
        ("payment_intent.requires_action", "payment_intent"),
        ("product.updated", "product"),
    ],
)
def test_trigger_emits_its_event(emulator: StripeEmulator, tmp_path: Path, event: str, resource: str) -> None:
    before = len(emulator.http.get("/v1/events", params={"type": event, "limit": "100"}).json()["data"])
    removed = f"{resource}:payment_method_types"
    assert "Trigger succeeded" in stripe_cli(emulator, tmp_path, "trigger", event, "--remove", removed)
    if event.startswith("checkout.session.async"):
        session_id = emulator.http.get("/v1/checkout/sessions").json()["data"][0]["id"]
        outcome = event.rpartition("_")[2]
        emulator.http.post(f"/_emulator/sessions/{session_id}/settle", data={"outcome": outcome})

    def emitted() -> bool:
        events = emulator.http.get("/v1/events", params={"type": event, "limit": "100"}).json()["data"]
        return len(events) > before

    wait_until(emitted, event)


def test_resend_delivers_an_event_again(emulator: StripeEmulator, tmp_path: Path) -> None:
    stripe_cli(emulator, tmp_path, "trigger", COMPLETED)
    event_id = emulator.http.get("/v1/events", params={"type": COMPLETED}).json()["data"][0]["id"]
    assert event_id in stripe_cli(emulator, tmp_path, "events", "resend", event_id)

    def copies() -> bool:
        return [d.event["id"] for d in emulator.receiver.of(COMPLETED)].count(event_id) == 2

    wait_until(copies, "the second copy")
