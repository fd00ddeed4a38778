"""The two tables of triggers in docs/stripe.md are true for the installed CLI."""

import re
from pathlib import Path

import pytest

from tests.contract.conftest import StripeEmulator
from tests.contract.stripe_cli import GUIDE, needs_cli, run_stripe, succeed
from tests.support.waiting import wait_until

pytestmark = needs_cli
SECTION = GUIDE.split("\n### Triggers\n")[1].split("\n## ")[0]


def _events(text: str) -> list[str]:
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    return [event for row in rows for event in re.findall(r"`([^`]+)`", row)]


WORKING, FAILING = (_events(part) for part in SECTION.split("\nThese fail:\n"))
(OPTIONS,) = re.findall(r"These work with `(--api-version [^`]+)`", SECTION)
(NO_RECURRING,) = re.findall(r"`--remove \"([^`]+)\"`", SECTION)


def _options(event: str) -> list[str]:
    priced = event.startswith(("price.", "payment_link."))
    return [*OPTIONS.split(), *(("--remove", NO_RECURRING) if priced else ())]


def test_the_tables_name_every_trigger_of_the_cli(emulator: StripeEmulator, tmp_path: Path) -> None:
    usage = succeed(emulator, tmp_path, "trigger", "--help")
    listed = usage.split("Supported events:")[1].split("Usage:")[0].split()
    assert sorted(WORKING + FAILING) == sorted(listed)


@pytest.mark.parametrize("event", WORKING)
def test_a_trigger_emits_its_event(emulator: StripeEmulator, tmp_path: Path, event: str) -> None:
    def count() -> int:
        return len(emulator.http.get("/v1/events", params={"type": event, "limit": "100"}).json()["data"])

    before = count()
    assert "Trigger succeeded" in succeed(emulator, tmp_path, "trigger", event, *_options(event))
    if event.startswith("checkout.session.async"):
        session_id = emulator.http.get("/v1/checkout/sessions").json()["data"][0]["id"]
        outcome = event.rpartition("_")[2]
        emulator.http.post(f"/_emulator/sessions/{session_id}/settle", data={"outcome": outcome}).raise_for_status()
    wait_until(lambda: count() > before, event)


@pytest.mark.parametrize("event", FAILING)
def test_a_trigger_of_what_is_not_emulated_fails(emulator: StripeEmulator, tmp_path: Path, event: str) -> None:
    result = run_stripe(emulator, tmp_path, "trigger", event, *_options(event))
    assert result.returncode != 0
    assert "Trigger failed: Request failed, status=4" in result.stdout + result.stderr
