"""`make smoke`: on a system of its own, on a running one, and on one of which a part is down."""

import os
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import partial

import httpx
import psutil
import pytest

from scripts.local.instances import ROOT
from scripts.qa_teacher_smoke import PARTS
from tests.e2e.test_run import read_until, run, words_of
from tests.support.run_variables import run_variables

DEADLINE = 300.0
COMMAND = [sys.executable, "-m", "scripts.qa_teacher_smoke"]
pytestmark = pytest.mark.timeout(3 * DEADLINE)


@pytest.fixture(autouse=True)
def no_aula_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AULA_")]:
        monkeypatch.delenv(name)


def smoke(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - ours
        [*COMMAND, *arguments],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )


def assert_every_check_is_printed(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stdout + done.stderr
    succeeded = [line.split(maxsplit=1)[1] for line in done.stdout.splitlines() if line.startswith("  ok ")]
    wanted = [check for part in PARTS.values() for check in part]
    assert [check for check in wanted if not any(line.startswith(check) for line in succeeded)] == []
    assert f"All {len(wanted)} checks are as expected" in done.stdout


def test_every_check_passes_on_a_system_of_its_own() -> None:
    assert_every_check_is_printed(smoke())


def test_a_running_system_passes_and_each_part_that_is_down_is_named() -> None:
    with run() as process:
        printed = {words[0]: words[1] for words in map(str.split, read_until(process, "Serving until")) if words[1:]}
        target = target_of(process.pid, printed)
        assert_every_check_is_printed(smoke(**target))
        with worker_suspended(process.pid):
            still = failure(smoke("--seconds", "3", **target))
        with mail_refused(printed["Inbox"]):
            refused = failure(smoke("--seconds", "3", **target))
        with stripe_down(printed["Stripe"]):
            down = failure(smoke(**target))
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=DEADLINE)
    for where, expected, found in (still, refused):
        assert where == "A teacher sells, prove address"
        assert expected.startswith("  expected  an email to smoke.teacher.")
        assert expected.endswith(" has the link that proves the address within 3 s")
        assert found == "  found     nothing yet"
    where, expected, found = down
    assert where == "A student buys, pay course"
    assert expected == "  expected  POST /payments/stripe/create-session answers with success"
    assert found.startswith("  found     503 ")
    assert "payment_provider_unavailable" in found


def failure(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The lines that say where it failed, what was expected and what was found."""
    assert done.returncode == 1, done.stdout
    _, _, reason = done.stdout.partition("Failed: ")
    return reason.strip().splitlines()


@contextmanager
def worker_suspended(run_id: int) -> Generator[None]:
    for worker in workers_of(run_id):
        worker.suspend()
    yield
    for worker in workers_of(run_id):
        worker.resume()


@contextmanager
def mail_refused(inbox: str) -> Generator[None]:
    httpx.post(f"{inbox}/_emulator/faults", params={"refused_with": "450"}, trust_env=False).raise_for_status()
    yield
    httpx.post(f"{inbox}/_emulator/faults", params={"refused_with": ""}, trust_env=False).raise_for_status()


@contextmanager
def stripe_down(stripe: str) -> Generator[None]:
    control = partial(httpx.post, f"{stripe}/_emulator/faults", trust_env=False)
    control(data={"failed_calls": "1000", "failed_status": "503"}).raise_for_status()
    yield
    # The emulator keeps it, and so would the next run of this tree.
    control(data={"failed_calls": "0"}).raise_for_status()


def target_of(run_id: int, printed: Mapping[str, str]) -> dict[str, str]:
    """The variables by which a run is the target."""
    return {
        "AULA_URL": printed["API"].removesuffix("/docs"),
        "AULA_INBOX_URL": printed["Inbox"],
        "AULA_DATABASE_URL": run_variables(run_id)["AULA_DATABASE_URL"],
    }


def workers_of(run_id: int) -> list[psutil.Process]:
    """The worker of a run and its children."""
    family = psutil.Process(run_id).children(recursive=True)
    return [one for one in family if "worker" in words_of(one) or "ForkPoolWorker" in " ".join(words_of(one))]


def test_an_address_where_nothing_listens_fails_with_a_clear_text() -> None:
    nowhere = "http://127.0.0.1:1"
    failed = smoke(AULA_URL=nowhere, AULA_INBOX_URL=nowhere, AULA_DATABASE_URL="postgresql://x@127.0.0.1:1/x")
    assert failed.returncode == 1
    assert "Failed: A teacher sells, register\n  expected  an answer\n" in failed.stdout


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"AULA_URL": "http://127.0.0.1:1"}, "set AULA_INBOX_URL and AULA_DATABASE_URL too"),
        ({"AULA_DATABASE_URL": "postgresql://x@127.0.0.1:1/x"}, "unset AULA_DATABASE_URL"),
    ],
)
def test_half_a_target_is_refused_before_the_start(variables: Mapping[str, str], words: str) -> None:
    refused = smoke(**variables)
    assert refused.returncode == 1
    assert words in refused.stdout
    assert "Starting" not in refused.stdout
