"""`make run` from the command line, with the virtual environment set up."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager

import httpx
import psutil
import pytest

from scripts.local.instances import ROOT
from scripts.local.reaper import await_end
from scripts.local.running import running_environment
from scripts.run.demo_steps import PURCHASE_STEPS, VISIT_STEPS
from tests.support.run_variables import run_variables
from tests.support.waiting import wait_until

DEADLINE = 120.0
# Whose logs are Aula's.
LOGGING = {"api", "relay", "worker", "beat", "flower"}
PERSONAL = ("ottilia.testsson@aula.example", "Ottilia Testsson", "nils.testsson@aula.example", "horse battery")
pytestmark = pytest.mark.timeout(2 * DEADLINE)


@pytest.fixture(autouse=True)
def no_aula_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AULA_")]:
        monkeypatch.delenv(name)


@contextmanager
def run(*arguments: str) -> Generator[subprocess.Popen[str]]:
    """`make run` as a process; it is killed where the test fails before it has ended."""
    command = [sys.executable, "-m", "scripts.run", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:  # noqa: S603 - ours
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def words_of(process: psutil.Process) -> list[str]:
    """The command line; none of a process that has just ended."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


def read_until(process: subprocess.Popen[str], text: str) -> list[str]:
    assert process.stdout is not None
    deadline = time.monotonic() + DEADLINE
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if text in line:
            return lines
        assert time.monotonic() < deadline
    pytest.fail("".join(lines))


def test_once_runs_every_step_and_ends() -> None:
    with run("--once") as process:
        output, _ = process.communicate(timeout=DEADLINE)
    assert process.returncode == 0, output
    succeeded = [line.split(maxsplit=1)[1] for line in output.splitlines() if line.startswith("  ok ")]
    names = [step.name for step in (*PURCHASE_STEPS, *VISIT_STEPS)]
    assert [name for name in names if not any(line.startswith(name) for line in succeeded)] == []


def assert_printed_commands_work(output: Sequence[str]) -> None:
    """The printed command and options reach the API and the emulator."""
    (command,) = [line.split()[1:] for line in output if line.split()[:1] == ["Try"]]
    assert command[:2] == ["curl", "-s"]
    assert httpx.get(command[2], trust_env=False).json()["items"]
    (options,) = [line.split()[1:5] for line in output if line.split()[:1] == ["Options"]]
    assert (options[0], options[2]) == ("--api-base", "--api-key")
    events = httpx.get(f"{options[1]}/v1/events", auth=(options[3], ""), trust_env=False)
    assert events.json()["data"]


def test_what_a_run_prints_works_and_its_logs_have_no_personal_data_and_no_secrets() -> None:
    with run() as process:
        output = read_until(process, "Serving until Ctrl-C")
        assert_printed_commands_work(output)
        printed = {words[0]: words[1] for words in map(str.split, output) if len(words) > 1}
        (buyer,) = [
            word for line in output if line.split()[1:2] == ["register"] for word in line.split() if "@" in word
        ]
        variables = run_variables(process.pid)
        tokens = fail_in_many_ways(printed["API"].removesuffix("/docs"), printed["Inbox"])
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=DEADLINE)
    logs = {path.name: path.read_text() for path in (ROOT / printed["Logs"]).glob("*.log") if path.stem in LOGGING}
    secrets = [value for name, value in variables.items() if name.endswith(("_SECRET", "_KEY", "_TOKEN"))]
    never = [buyer, *tokens, *secrets, *PERSONAL]
    assert "login refused" in logs["api.log"]
    assert [(name, word) for name, text in logs.items() for word in never if word in text] == []


def fail_in_many_ways(api: str, inbox: str) -> list[str]:
    """Register with a name to look for, and make requests that fail; returns the tokens of the link and the account."""
    email, name = PERSONAL[:2]
    with httpx.Client(base_url=api, trust_env=False, timeout=30) as client:
        account = {"email": email, "password": "correct horse battery"}
        client.post("/auth/register", json={**account, "display_name": name})
        link = token_of_link(inbox, email)
        client.get("/verify", params={"token": link})
        client.post("/auth/verify", json={"token": link, "password": account["password"]})
        token = client.post("/auth/login", json=account).json()["access_token"]
        client.post("/auth/login", json={**account, "password": "wrong horse battery"})
        client.post("/auth/login", json={**account, "email": PERSONAL[2]})
        client.get("/me", headers={"Authorization": f"Bearer {token}x"})
        client.post("/webhooks/stripe", content=email, headers={"Stripe-Signature": "t=1,v1=00"})
        client.post("/auth/register", json={"email": email, "display_name": name, "password": 1})
    return [link, token]


def token_of_link(inbox: str, email: str) -> str:
    """The token of the link in the email that proves an address."""

    def found() -> list[str]:
        answer = httpx.get(f"{inbox}/messages.json", params={"to": email}, trust_env=False)
        return re.findall(r"/verify\?token=([\w=-]+)", "".join(one["text"] for one in answer.json()["messages"]))

    wait_until(found, "the email with the link arrived")
    return found()[0]


def test_a_killed_process_is_restarted() -> None:
    commands = {"api": "api", "relay": "workers.relay", "worker": "worker", "beat": "beat"}
    with run() as process:
        output = read_until(process, "Serving until Ctrl-C")
        (api,) = [line.split()[1].removesuffix("/docs") for line in output if line.split()[:1] == ["API"]]
        family = psutil.Process(process.pid).children(recursive=True)
        victims = {name: _first(one for one in family if word in words_of(one)) for name, word in commands.items()}
        victims["postgres"] = _first(one for one in family if one.name() == "postgres")
        victims["valkey"] = _first(one for one in family if one.name() == "valkey-server")
        served = running_environment()
        assert served is not None
        assert f"@{migrated_database()}/" in served["AULA_DATABASE_URL"]
        for name, victim in victims.items():
            victim.kill()
            read_until(process, f"{name} was ended by SIGKILL; restarted")
        wait_until(lambda: _ready(api), "everything is ready again", DEADLINE)
        family += psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=DEADLINE)
    assert await_end(family, DEADLINE) == []
    assert process.returncode == 0


def migrated_database() -> str:
    """Host and port that `make db.migrate` names."""
    done = subprocess.run(
        [sys.executable, "-m", "scripts.migrate"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.split(" on ")[1].split()[0]


def _first(processes: Iterable[psutil.Process]) -> psutil.Process:
    """The oldest process: the parent of the others."""
    return min(processes, key=lambda one: one.create_time())


def _ready(api: str) -> bool:
    try:
        return httpx.get(f"{api}/readyz", timeout=5, trust_env=False).is_success
    except httpx.TransportError:
        return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_no_process_is_left_after_a_signal(number: signal.Signals) -> None:
    with run() as process:
        read_until(process, "Serving until Ctrl-C")
        family = psutil.Process(process.pid).children(recursive=True)
        names = {word for one in family for word in words_of(one)}
        process.send_signal(number)
        process.communicate(timeout=DEADLINE)
    assert {"workers.relay", "worker", "beat", "workers.flower", "api", "emulators.mail"} <= names
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
def test_a_contradicting_variable_is_refused_before_the_start(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, arguments: list[str], words: str
) -> None:
    monkeypatch.setenv(variable, value)
    with run(*arguments) as process:
        output, _ = process.communicate(timeout=DEADLINE)
    assert process.returncode == 1
    assert words in output
    assert "Starting" not in output
