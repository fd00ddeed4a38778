"""The official Stripe CLI against the emulator: the commands of docs/stripe.md, and `listen`."""

import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.gateways.stripe import StripeWebhookVerifier
from tests.contract.conftest import WEBHOOK_SECRET, StripeEmulator
from tests.contract.receiver import webhook_receiver
from tests.contract.stripe_cli import commands_of, environment, needs_cli, running_command, succeed
from tests.support.waiting import wait_until

COMPLETED = "checkout.session.completed"
COMMANDS = [line for line in commands_of("## The Stripe command line") if line.startswith("stripe ")]
(LISTEN,) = [line for line in COMMANDS if line.startswith("stripe listen ")]
pytestmark = needs_cli


def test_trigger_completes_a_checkout(emulator: StripeEmulator, tmp_path: Path) -> None:
    before = len(emulator.receiver.of(COMPLETED))
    add = "checkout_session:metadata.order_id=order-7"
    assert "Trigger succeeded" in succeed(emulator, tmp_path, "trigger", COMPLETED, "--add", add)
    delivered = wait_until(lambda: emulator.receiver.of(COMPLETED)[before:], "the webhook")
    session = delivered[0].event["data"]["object"]
    assert (session["payment_status"], session["metadata"]) == ("paid", {"order_id": "order-7"})


def test_resend_delivers_an_event_again(emulator: StripeEmulator, tmp_path: Path) -> None:
    succeed(emulator, tmp_path, "trigger", COMPLETED)
    event_id = emulator.http.get("/v1/events", params={"type": COMPLETED}).json()["data"][0]["id"]
    assert event_id in succeed(emulator, tmp_path, "events", "resend", event_id)

    def copies() -> bool:
        return [d.event["id"] for d in emulator.receiver.of(COMPLETED)].count(event_id) == 2

    wait_until(copies, "the second copy")


@pytest.mark.parametrize("command", [line for line in COMMANDS if line != LISTEN])
def test_a_command_of_the_guide_succeeds(emulator: StripeEmulator, tmp_path: Path, command: str) -> None:
    product = emulator.sdk.v1.products.create({"name": "Course"})
    event = next(one for one in emulator.sdk.v1.events.list().data if one.data.object["id"] == product.id)
    variables = {**environment(emulator, tmp_path), "ORDER_ID": "order-8", "EVENT_ID": event.id}
    result = subprocess.run(  # noqa: S603 - a command of this repository
        ["/bin/sh", "-c", command], capture_output=True, text=True, timeout=60, env=variables, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("latest", ["", " --latest"], ids=["default version", "latest version"])
def test_listen_forwards_events_signed_with_the_secret_that_it_printed(
    emulator: StripeEmulator, tmp_path: Path, latest: str
) -> None:
    log = tmp_path / "listen.txt"
    with webhook_receiver() as forwarded:
        command = LISTEN.replace("127.0.0.1:8000/webhooks/stripe", forwarded.url) + latest
        with running_command(command, emulator, tmp_path, log):
            wait_until(lambda: "Ready!" in log.read_text(), "the CLI is connected", 20)
            assert "1 <span" in emulator.http.get("/").text
            product = emulator.sdk.v1.products.create({"name": "Listened to"})
            (delivery,) = wait_until(lambda: forwarded.of("product.created", product.id), "the forwarded event", 10)
            wait_until(lambda: "[200] POST" in log.read_text(), "the CLI reports the response", 10)
            event_id = delivery.event["id"]
            emulator.http.post(f"/_emulator/events/{event_id}/resend").raise_for_status()
            wait_until(lambda: len(forwarded.of("product.created", product.id)) == 2, "the resent event", 10)
    (secret,) = set(re.findall(r"whsec_\w+", log.read_text()))
    assert secret == WEBHOOK_SECRET
    StripeWebhookVerifier([secret]).verify(delivery.body, delivery.signature, datetime.now(UTC))
