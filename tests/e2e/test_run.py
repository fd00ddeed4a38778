"""`make run` as a person uses it, in a checkout whose environment is set up."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable

import httpx
import psutil
import pytest

from scripts.local.instances import ROOT
from scripts.local.keeper import await_end
from scripts.run.hops import HOPS
from tests.support.waiting import wait_until

DEADLINE = 120.0
pytestmark = pytest.mark.timeout(2 * DEADLINE)


@pytest.fixture(autouse=True)
def own_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AULA_")]:
        monkeypatch.delenv(name)


def run(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "scripts.run", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # noqa: S603 - ours


def read_until(process: subprocess.Popen[str], words: str) -> list[str]:
    assert process.stdout is not None
    deadline = time.monotonic() + DEADLINE
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if words in line:
            return lines
        assert time.monotonic() < deadline
    pytest.fail("".join(lines))


def test_once_plays_every_hop_and_ends() -> None:
    with run("--once") as process:
        output, _ = process.communicate(timeout=DEADLINE)
    assert process.returncode == 0, output
    ended_well = [line.split(maxsplit=1)[1] for line in output.splitlines() if line.startswith("  ok ")]
    assert [hop.name for hop in HOPS if not any(line.startswith(hop.name) for line in ended_well)] == []


def test_what_is_killed_while_it_serves_is_started_again() -> None:
    parts = {"api": "api.main:app", "relay": "workers.relay", "worker": "worker", "beat": "beat"}
    with run() as process:
        said = read_until(process, "Serving until Ctrl-C")
        (api,) = [line.split()[1].removesuffix("/docs") for line in said if line.split()[:1] == ["API"]]
        family = psutil.Process(process.pid).children(recursive=True)
        victims = {name: _first(one for one in family if word in one.cmdline()) for name, word in parts.items()}
        victims["postgres"] = _first(one for one in family if one.name() == "postgres")
        victims["valkey"] = _first(one for one in family if one.name() == "valkey-server")
        for name, victim in victims.items():
            victim.kill()
            read_until(process, f"{name} was ended by SIGKILL; started again")
        wait_until(lambda: _ready(api), "everything is ready again", DEADLINE)
        family += psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=DEADLINE)
    assert await_end(family, DEADLINE) == []
    assert process.returncode == 0


def _first(processes: Iterable[psutil.Process]) -> psutil.Process:
    """The one that started the others."""
    return min(processes, key=lambda one: one.create_time())


def _ready(api: str) -> bool:
    try:
        return httpx.get(f"{api}/readyz", timeout=5, trust_env=False).is_success
    except httpx.TransportError:
        return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_when_it_is_told_to_end(number: signal.Signals) -> None:
    with run() as process:
        read_until(process, "Serving until Ctrl-C")
        family = psutil.Process(process.pid).children(recursive=True)
        names = {word for one in family for word in one.cmdline()}
        process.send_signal(number)
        process.communicate(timeout=DEADLINE)
    assert {"workers.relay", "worker", "beat", "flower", "api.main:app", "emulators.mail"} <= names
    assert await_end(family, DEADLINE) == []
    assert process.returncode == (-signal.SIGKILL if number == signal.SIGKILL else 0)


@pytest.mark.parametrize(
    ("variable", "value", "arguments", "words"),
    [
        ("AULA_ENV", "production", ["--once"], "unset AULA_ENV"),
        ("AULA_STRIPE_SECRET_KEY", "sk_test_real", ["--once"], "unset AULA_STRIPE_SECRET_KEY"),
        ("AULA_STRIPE_SECRET_KEY", "sk_test_real", [], "AULA_STRIPE_WEBHOOK_SECRET is not"),
    ],
)
def test_an_unfit_environment_is_refused_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, arguments: list[str], words: str
) -> None:
    monkeypatch.setenv(variable, value)
    with run(*arguments) as process:
        output, _ = process.communicate(timeout=DEADLINE)
    assert process.returncode == 1
    assert words in output
    assert "Starting" not in output
