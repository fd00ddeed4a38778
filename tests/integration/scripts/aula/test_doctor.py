"""Each fault that the doctor knows is caused for real, and found."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
from aiosmtpd.controller import Controller
from alembic import command

from core.audit.anchors import sign
from core.settings import settings
from db.migrate import alembic_config
from scripts.local.ports import HOST, free_port
from scripts.local.postgres import Postgres
from scripts.local.processes import Processes
from scripts.local.services import LocalServices
from scripts.local.valkey import Valkey
from tests.contract.processes import running_process
from tests.support.command_line import WIDTH, CommandLine
from tests.support.databases import fresh_database
from tests.support.pooler import Mode, pooled
from tests.support.processes import process_group
from tests.support.waiting import wait_until

KEY, SECRET = "sk_test_doctor0123456789", "whsec_doctor0123456789"
PUBLIC_URL = "http://127.0.0.1:8000"


class _Mailbox:
    """Takes no email."""


@dataclass(slots=True)
class Deployment:
    """A deployment that the doctor looks at, by variables that a test may change."""

    env: dict[str, str | None]

    def levels(self) -> dict[str, str]:
        """The level of each check, by part and name."""
        settings.cache_clear()
        found = CommandLine(self.env)("doctor", "--json")
        checks = found.document["checks"]
        faults = [check for check in checks if check["level"] == "fault"]
        assert found.code == (1 if faults else 0)
        assert all(check["advice"] for check in checks if check["level"] != "ok")
        return {f"{check['part']} {check['name']}": check["level"] for check in checks}


@pytest.fixture(scope="module")
def smtp_port() -> Generator[int]:
    server = Controller(_Mailbox(), hostname=HOST, port=free_port())
    server.start()
    yield server.port
    server.stop()


@pytest.fixture(scope="module")
def stripe_url(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    folder, port = tmp_path_factory.mktemp("stripe"), free_port()
    options = ("--port", str(port), "--data", str(folder), "--webhook-url", f"{PUBLIC_URL}/webhooks/stripe")
    secrets = ("--webhook-secret", SECRET, "--secret-key", KEY)
    url = f"http://{HOST}:{port}"
    with running_process("emulators.stripe", *options, *secrets, health=f"{url}/healthz", log=folder / "log.txt"):
        yield url


@pytest.fixture
def deployment(database_url: str, redis_url: str, stripe_url: str, smtp_port: int) -> Generator[Deployment]:
    yield Deployment(
        {
            "AULA_ENV": "test",
            "AULA_DATABASE_URL": database_url,
            "AULA_REDIS_URL": redis_url,
            "AULA_PUBLIC_URL": PUBLIC_URL,
            "AULA_STRIPE_API_BASE": stripe_url,
            "AULA_STRIPE_SECRET_KEY": KEY,
            "AULA_STRIPE_WEBHOOK_SECRET": SECRET,
            "AULA_SMTP_HOST": HOST,
            "AULA_SMTP_PORT": str(smtp_port),
            "AULA_OPERATOR_EMAIL": "operator@aula.example",
        }
    )
    settings.cache_clear()


@contextmanager
def altered(url: str, setting: str, value: str) -> Generator[None]:
    """A setting of the database for new connections."""
    name = urlsplit(url).path.removeprefix("/")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"alter database {name} set {setting} = '{value}'".encode())
        try:
            yield
        finally:
            connection.execute(f"alter database {name} reset {setting}".encode())


def test_processes_that_run_are_ok_and_each_that_stops_is_a_fault(
    deployment: Deployment, services: LocalServices
) -> None:
    env = {name: value for name, value in deployment.env.items() if value is not None}
    with process_group(services.folder / "logs", env, app="workers.app", relay_module="workers.relay") as group:
        running = {"relay": group.relay(), "workers": group.worker(1), "beat": group.beat()}
        wait_until(lambda: deployment.levels()["processes beat"] == "ok", "beat ticks", 30)
        found = deployment.levels()
        assert [name for name, level in found.items() if level == "fault"] == []
        assert found["stripe mode"] == "warning"
        for name in ("relay", "workers"):
            running[name].stop()
            wait_until(lambda name=name: deployment.levels()[f"processes {name}"] == "fault", f"no {name}", 30)


@pytest.mark.usefixtures("sessions")
def test_a_late_schedule_and_a_waiting_job_are_faults(deployment: Deployment) -> None:
    with psycopg.connect(str(deployment.env["AULA_DATABASE_URL"])) as connection:
        connection.execute(
            "update app.schedules set next_due_at = now() - interval '1 minute' where name = 'audit-seal'"
        )
        connection.execute(
            "insert into app.jobs (kind, payload, run_at)"
            " values ('maintenance.prune', '{}', now() - interval '2 minutes')"
        )
    found = deployment.levels()
    assert (found["processes beat"], found["processes backlog"]) == ("fault", "fault")


@pytest.mark.parametrize(
    ("setting", "value", "name", "level"),
    [
        ("default_transaction_isolation", "serializable", "isolation", "fault"),
        ("synchronous_commit", "off", "synchronous_commit", "fault"),
        ("timezone", "Europe/Stockholm", "time zone", "warning"),
    ],
)
def test_a_setting_of_the_database_is_found(
    setting: str, value: str, name: str, level: str, deployment: Deployment
) -> None:
    url = str(deployment.env["AULA_DATABASE_URL"])
    with altered(url, "timezone", "UTC"):
        assert deployment.levels()[f"database {name}"] == "ok"
    with altered(url, setting, value):
        assert deployment.levels()[f"database {name}"] == level


@pytest.mark.parametrize(("mode", "level"), [("session", "warning"), ("transaction", "fault")])
def test_a_pooler_is_found(mode: Mode, level: str, deployment: Deployment) -> None:
    assert deployment.levels()["database pooler"] == "ok"
    with pooled(str(deployment.env["AULA_DATABASE_URL"]), mode) as url:
        deployment.env["AULA_DATABASE_URL"] = url
        assert deployment.levels()["database pooler"] == level


def test_a_server_that_does_not_write_to_the_disk_is_a_fault(deployment: Deployment, tmp_path: Path) -> None:
    with Processes(tmp_path / "logs") as processes:
        server = Postgres(processes, tmp_path / "postgres")
        server.start()
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute("alter system set fsync = off")
            connection.execute("alter system set full_page_writes = off")
            connection.execute("select pg_reload_conf()")
        deployment.env["AULA_DATABASE_URL"] = server.url()
        wait_until(lambda: deployment.levels()["database fsync"] == "fault", "the server has read its settings")
        found = deployment.levels()
        server.stop()
    assert found["database full_page_writes"] == "fault"
    assert found["database schema"] == "fault"


def test_an_older_schema_is_a_fault(deployment: Deployment, services: LocalServices, migrated_template: str) -> None:
    with fresh_database(services.database_url, "aula_older", template=migrated_template) as url:
        deployment.env["AULA_DATABASE_URL"] = url
        assert deployment.levels()["database schema"] == "ok"
        command.downgrade(alembic_config(url), "-1")
        assert deployment.levels()["database schema"] == "fault"
        assert CommandLine(deployment.env)("db", "current").code == 1
        migrated = CommandLine(deployment.env).done("db", "migrate", "--yes", "--json").document
        assert migrated["current"] == migrated["newest"]
        assert deployment.levels()["database schema"] == "ok"


def test_a_database_that_is_not_there_is_one_fault_of_the_database(deployment: Deployment) -> None:
    deployment.env["AULA_DATABASE_URL"] = f"postgresql://aula:secret-word@{HOST}:{free_port()}/aula"
    assert deployment.levels()["database reachable"] == "fault"
    settings.cache_clear()
    assert "secret-word" not in CommandLine(deployment.env)("doctor").out


@pytest.mark.parametrize("address", ["nonsense secret-word", "mysql://aula:secret-word@127.0.0.1/aula"])
def test_an_address_that_cannot_be_read_is_a_fault(address: str, deployment: Deployment) -> None:
    deployment.env |= {"AULA_DATABASE_URL": address, "AULA_REDIS_URL": address}
    found = deployment.levels()
    assert (found["database reachable"], found["broker reachable"]) == ("fault", "fault")
    said = [CommandLine(deployment.env)(*words) for words in (["doctor"], ["jobs", "list"])]
    assert [answer.code for answer in said] == [1, 4]
    assert all("secret-word" not in answer.out + answer.err for answer in said)


def test_a_broker_that_evicts_or_forgets_is_found(deployment: Deployment, tmp_path: Path) -> None:
    with Processes(tmp_path / "logs") as processes:
        server = Valkey(processes, tmp_path / "valkey")
        server.start()
        deployment.env["AULA_REDIS_URL"] = server.url()
        assert deployment.levels()["broker eviction"] == "ok"
        with redis.from_url(server.url()) as client:
            client.config_set("maxmemory-policy", "allkeys-lru")  # pyright: ignore[reportUnknownMemberType] - redis-py's own
            client.config_set("appendonly", "no")  # pyright: ignore[reportUnknownMemberType] - likewise
        found = deployment.levels()
        assert (found["broker eviction"], found["broker persistence"]) == ("fault", "warning")
        server.stop()
    assert deployment.levels()["broker reachable"] == "fault"


def test_a_wrong_key_is_a_fault(deployment: Deployment) -> None:
    assert deployment.levels()["stripe account"] == "ok"
    deployment.env["AULA_STRIPE_SECRET_KEY"] = "sk_test_of_another_account_0123"
    assert deployment.levels()["stripe key"] == "fault"


def test_an_endpoint_that_is_not_registered_is_a_fault(deployment: Deployment) -> None:
    assert deployment.levels()["stripe webhook"] == "ok"
    deployment.env["AULA_PUBLIC_URL"] = "http://127.0.0.1:9"
    assert deployment.levels()["stripe webhook"] == "fault"


def test_stripe_out_of_reach_is_a_fault(deployment: Deployment) -> None:
    deployment.env["AULA_STRIPE_API_BASE"] = f"http://{HOST}:{free_port()}"
    assert deployment.levels()["stripe reachable"] == "fault"


def test_a_mail_server_that_is_not_there_is_a_fault(deployment: Deployment) -> None:
    assert deployment.levels()["mail server"] == "ok"
    deployment.env |= {"AULA_SMTP_PORT": str(free_port()), "AULA_OPERATOR_EMAIL": None}
    found = deployment.levels()
    assert (found["mail server"], found["mail operator"]) == ("fault", "warning")


def test_an_audit_log_without_anchors_is_a_warning_and_a_missing_folder_a_fault(
    deployment: Deployment, tmp_path: Path
) -> None:
    assert deployment.levels()["audit anchors"] == "warning"
    deployment.env |= {"AULA_AUDIT_KEY": "0f" * 32}
    assert deployment.levels()["audit anchors"] == "ok"
    deployment.env |= {"AULA_AUDIT_ANCHORS": str(tmp_path / "anchors")}
    assert deployment.levels()["audit anchors"] == "fault"
    (tmp_path / "anchors").mkdir()
    assert deployment.levels()["audit anchors"] == "ok"
    anchor = sign("1f" * 32, 1, 10, bytes(32), datetime(2026, 11, 27, tzinfo=UTC))
    (tmp_path / "anchors" / "000000000001.json").write_text(anchor.line, encoding="utf-8")
    assert deployment.levels()["audit anchors"] == "fault"
    deployment.env |= {"AULA_AUDIT_PUBLIC_KEYS": anchor.key}
    assert deployment.levels()["audit anchors"] == "ok"


def test_all_wrong_settings_are_named_at_once_and_the_rest_is_still_checked(deployment: Deployment) -> None:
    deployment.env |= {"AULA_ENV": "production", "AULA_STRIPE_LIVEMODE": "false"}
    settings.cache_clear()
    shown = CommandLine(deployment.env)("doctor")
    assert shown.code == 1
    for name in ("AULA_JWT_SECRET", "AULA_STRIPE_API_BASE", "AULA_PUBLIC_URL"):
        assert name in shown.out
    assert KEY not in shown.out
    assert "PostgreSQL" in shown.out
    assert max(len(line.rstrip()) for line in shown.out.splitlines()) <= WIDTH
