"""Local services keep their data after crashes and leave no process behind."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from scripts.local.errors import LocalServiceError
from scripts.local.instances import ROOT
from scripts.local.postgres import remove_stale_pid_file
from scripts.local.reaper import await_end
from scripts.local.services import LocalServices

# Seconds.
DEADLINE = 30.0


@pytest.fixture(autouse=True)
def own_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AULA_DATABASE_URL", raising=False)
    monkeypatch.delenv("AULA_REDIS_URL", raising=False)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[LocalServices]:
    with LocalServices("try", parent=tmp_path) as services:
        with psycopg.connect(services.database_url) as connection:
            connection.execute("CREATE TABLE kept (word text)")
            connection.execute("INSERT INTO kept VALUES ('committed')")
        with redis.from_url(services.redis_url) as broker:
            broker.set("kept", "written")
        yield services


def kept_row(services: LocalServices) -> str:
    with psycopg.connect(services.database_url) as connection:
        row = connection.execute("SELECT word FROM kept").fetchone()
    assert row is not None
    return row[0]


def kept_key(services: LocalServices) -> object:
    with redis.from_url(services.redis_url) as broker:
        return broker.get("kept")


def test_the_database_keeps_data_and_port_after_a_kill_and_an_immediate_restart(running: LocalServices) -> None:
    address = running.database_url
    running.postgres.restart(immediate=True)
    assert kept_row(running) == "committed"
    running.postgres.kill()
    running.postgres.start()
    assert kept_row(running) == "committed"
    assert running.database_url == address


def test_the_database_starts_after_its_server_was_killed_without_its_children(
    running: LocalServices,
) -> None:
    running.postgres.process.signal(signal.SIGKILL)
    running.postgres.process.wait(DEADLINE)
    running.postgres.start()
    assert kept_row(running) == "committed"


# The working folder of process 1 is hidden even from a container's root.
@pytest.mark.parametrize("another", ["the broker", "process 1"])
def test_the_database_starts_although_another_process_has_its_old_pid(running: LocalServices, another: str) -> None:
    pid = {"the broker": running.valkey.process.pid, "process 1": 1}[another]
    running.postgres.kill()
    pid_file = running.folder / "postgres" / "data" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(pid), *lines[1:]]) + "\n")
    running.postgres.start()
    assert kept_row(running) == "committed"


def test_the_pid_file_of_a_running_server_is_never_removed(
    running: LocalServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = running.folder / "postgres" / "data"
    remove_stale_pid_file(data)

    def hidden(process: psutil.Process) -> str:
        raise psutil.AccessDenied(process.pid)

    monkeypatch.setattr(psutil.Process, "cwd", hidden)
    remove_stale_pid_file(data)
    assert (data / "postmaster.pid").exists()


def test_the_broker_keeps_data_and_port_after_a_kill(running: LocalServices) -> None:
    address = running.redis_url
    running.valkey.kill()
    running.valkey.start()
    assert kept_key(running) == b"written"
    assert running.redis_url == address


def test_the_database_keeps_the_default_durability_settings(running: LocalServices) -> None:
    with psycopg.connect(running.database_url) as connection:
        names = ["fsync", "synchronous_commit", "full_page_writes", "listen_addresses", "password_encryption"]
        found = [connection.execute("SELECT current_setting(%s)", [name]).fetchone() for name in names]
    assert found == [("on",), ("on",), ("on",), ("127.0.0.1",), ("scram-sha-256",)]


def test_database_and_broker_require_a_password(running: LocalServices) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://aula:wrong@127.0.0.1:{running.postgres.port}/aula").close()
    with (
        redis.from_url(f"redis://127.0.0.1:{running.valkey.port}/0") as broker,
        pytest.raises(redis.AuthenticationError),
    ):
        broker.get("kept")


def test_passwords_are_readable_by_their_owner_only_and_on_no_command_line(running: LocalServices) -> None:
    for path in (*running.folder.glob("*/password"), *running.folder.glob("*/*.conf")):
        assert path.stat().st_mode & 0o077 == 0, path
    for name in ("postgres", "valkey"):
        password = (running.folder / name / "password").read_text()
        process = running.postgres.process if name == "postgres" else running.valkey.process
        assert password not in " ".join(psutil.Process(process.pid).cmdline())


def test_two_instances_share_nothing_and_keep_their_data(tmp_path: Path) -> None:
    with ExitStack() as stack:
        first, second = (stack.enter_context(LocalServices("try", parent=tmp_path)) for _ in range(2))
        assert (first.folder.name, second.folder.name) == ("try-1", "try-2")
        assert first.database_url != second.database_url
        with psycopg.connect(first.database_url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 'committed' AS word")
        started = [one.process for server in (first, second) for one in (server.postgres, server.valkey)]
    assert not any(process.running for process in started)
    with LocalServices("try", parent=tmp_path) as again:
        assert again.folder == first.folder
        assert kept_row(again) == "committed"


def test_no_process_is_left_when_the_parent_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time, pathlib\n"
        "from scripts.local.services import LocalServices\n"
        "with LocalServices('try', parent=pathlib.Path(sys.argv[1])) as services:\n"
        "    print('ready', flush=True)\n"
        "    time.sleep(600)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:  # noqa: S603 - the script above
        assert parent.stdout is not None
        assert parent.stdout.readline() == "ready\n"
        family = psutil.Process(parent.pid).children(recursive=True)
        names = {process.name() for process in family}
        parent.kill()
    assert {"postgres", "valkey-server"} <= names
    assert await_end(family, DEADLINE) == []


def test_servers_named_by_the_environment_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AULA_DATABASE_URL", "postgresql://elsewhere/aula")
    monkeypatch.setenv("AULA_REDIS_URL", "redis://elsewhere/3")
    with LocalServices("try", parent=tmp_path) as services:
        assert services.database_url == "postgresql://elsewhere/aula"
        assert services.redis_url == "redis://elsewhere/3"
        assert not services.owns_database
        assert not services.owns_broker
        with pytest.raises(LocalServiceError, match="AULA_DATABASE_URL"):
            services.postgres.restart()
