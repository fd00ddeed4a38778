"""The commands of docs/stripe.md that need no Stripe CLI."""

import re
import shlex
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
import stripe

from core.gateways.stripe import StripeWebhookVerifier
from core.setting_faults import DEVELOPMENT_STRIPE_KEY
from core.settings import DEVELOPMENT_WEBHOOK_SECRET
from scripts.local.ports import free_port
from tests.contract.checkouts import open_session, session_of
from tests.contract.conftest import StripeEmulator
from tests.contract.processes import running_process
from tests.contract.receiver import webhook_receiver
from tests.contract.stripe_cli import commands_of
from tests.support.waiting import wait_until

(START, CURL) = commands_of("## With the emulator")
(CLI_OPTIONS,) = [line for line in commands_of("## The Stripe command line") if line.startswith("E=")]


def test_the_emulator_started_by_hand_fits_the_development_settings(tmp_path: Path) -> None:
    python, dash_m, module, *options = shlex.split(START)
    assert (python, dash_m) == ("python", "-m")
    given = dict(zip(options[::2], options[1::2], strict=True))
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    with webhook_receiver() as receiver:
        given |= {"--port": str(port), "--data": str(tmp_path), "--webhook-url": receiver.url}
        words = [word for pair in given.items() for word in pair]
        with running_process(module, *words, health=f"{base}/healthz", log=tmp_path / "log.txt"):
            client = stripe.StripeClient(DEVELOPMENT_STRIPE_KEY, base_addresses={"api": base})
            client.v1.products.create({"name": "Course"})
            (delivery,) = wait_until(lambda: receiver.of("product.created"), "the webhook")
    verifier = StripeWebhookVerifier([DEVELOPMENT_WEBHOOK_SECRET])
    verifier.verify(delivery.body, delivery.signature, datetime.now(UTC))


def test_the_options_of_the_cli_fit_the_emulator_started_by_hand() -> None:
    given = dict(re.findall(r"(--[a-z-]+) (\S+)", START))
    expected = f"--api-base http://127.0.0.1:{given['--port']} --api-key {given['--secret-key']}"
    assert shlex.split(CLI_OPTIONS) == [f"E={expected}"]


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl")
def test_the_form_of_the_guide_pays(emulator: StripeEmulator) -> None:
    session_id = open_session(emulator)
    command = re.sub(r"http://\S+/pay/cs_test_…", f"{emulator.base}/pay/{session_id}", CURL)
    result = subprocess.run(  # noqa: S603 - a command of this repository
        ["/bin/sh", "-c", command], capture_output=True, text=True, timeout=30, check=True
    )
    assert " 303 " in result.stdout
    assert session_of(emulator, session_id)["payment_status"] == "paid"
