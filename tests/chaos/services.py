"""Servers for the crash tests alone: killing them does not affect other tests."""

import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis

from db.migrate import migrate
from emulators.mail.mailbox import Mailbox
from scripts.local.instances import ROOT
from scripts.local.ports import free_port
from scripts.local.postgres import Postgres
from scripts.local.processes import Process, Processes
from scripts.local.services import LocalServices
from scripts.local.valkey import Valkey
from tests.chaos.timeouts import TIMEOUT
from tests.support.databases import fresh_database
from tests.support.waiting import wait_until


@dataclass(frozen=True, slots=True)
class Services:
    """A PostgreSQL, a Valkey and a mail server. `template` is the name of a migrated database."""

    processes: Processes
    postgres: Postgres
    valkey: Valkey
    template: str
    mail: Process
    mail_port: int
    mailbox: Mailbox

    def wipe_broker(self) -> None:
        """Delete everything in the broker."""
        with redis.from_url(self.valkey.url()) as client:
            client.flushall()  # pyright: ignore[reportUnknownMemberType] - redis-py's own

    def restart_broker(self) -> None:
        """Kill the broker and start it with the data it had saved."""
        self.valkey.kill()
        self.valkey.start()


@contextmanager
def start_services() -> Generator[Services]:
    """Start servers even where the environment names others: those must not be killed."""
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as environment:
            for name in ("AULA_DATABASE_URL", "AULA_REDIS_URL"):
                environment.delenv(name, raising=False)
            servers = stack.enter_context(LocalServices("chaos", fresh=True))
        url = stack.enter_context(fresh_database(servers.postgres.url(), "aula_template"))
        migrate(url)
        template = urlsplit(url).path.removeprefix("/")
        mail_folder = servers.folder / "letters"
        mail, port = _start_mail(servers.processes, mail_folder)
        yield Services(servers.processes, servers.postgres, servers.valkey, template, mail, port, Mailbox(mail_folder))


def _start_mail(processes: Processes, folder: Path) -> tuple[Process, int]:
    port, web = free_port(), free_port()
    options = ("--smtp-port", str(port), "--web-port", str(web), "--data", str(folder))
    process = processes.start("mail", [sys.executable, "-m", "emulators.mail", *options], cwd=ROOT)
    wait_until(lambda: "MAIL SINK" in process.tail(), "the mail server starts", TIMEOUT)
    return process, port
