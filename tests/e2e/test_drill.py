"""The short form of `make drill`, from the command line."""

import os
import subprocess
import sys

import pytest

from scripts.drill.checks import CHECKS
from scripts.drill.faults import FAULTS
from scripts.drill.repairs import REPAIRS
from scripts.local.instances import ROOT

DEADLINE = 300.0
COMMAND = [sys.executable, "-m", "scripts.drill"]
pytestmark = pytest.mark.timeout(DEADLINE + 60)


@pytest.fixture(autouse=True)
def no_aula_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AULA_")]:
        monkeypatch.delenv(name)


def drill(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - ours
        [*COMMAND, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=DEADLINE, check=False
    )


def test_every_fault_is_found_and_repaired() -> None:
    done = drill("--purchases", "20")
    assert done.returncode == 0, done.stdout + done.stderr
    succeeded = [line.split(maxsplit=1)[1] for line in done.stdout.splitlines() if line.startswith("  ok ")]
    wanted = [*FAULTS, *(repair.name for repair in REPAIRS), *CHECKS]
    assert [name for name in wanted if not any(line.startswith(name) for line in succeeded)] == []
    found = [line for line in succeeded if "found " in line]
    assert [line for line in found if "repaired " not in line] == []
    assert len(found) == len(REPAIRS)


@pytest.mark.parametrize("name", ["AULA_DATABASE_URL", "AULA_REDIS_URL", "AULA_STRIPE_SECRET_KEY", "AULA_ENV"])
def test_services_and_settings_of_others_are_refused_before_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "taken")
    done = drill()
    assert done.returncode == 1
    assert f"unset {name}" in done.stdout
    assert "Starting" not in done.stdout


@pytest.mark.parametrize("count", ["7", "1001"])
def test_a_number_of_purchases_out_of_range_is_refused(count: str) -> None:
    done = drill("--purchases", count)
    assert done.returncode == 2
    assert "from 8 to 1000" in done.stderr
