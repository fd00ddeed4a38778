"""`aula doctor`: check all parts, and print what to do."""

import os
from collections.abc import Sequence

from pydantic import BaseModel
from rich.console import Console
from rich.table import Table
from rich.text import Text

from core.settings import Settings, SettingsInvalid, settings
from scripts.aula.database import use_running
from scripts.aula.doctor.audit import check_audit
from scripts.aula.doctor.broker import check_broker
from scripts.aula.doctor.checks import Check, Checks, Level, fault, ok
from scripts.aula.doctor.database import check_database
from scripts.aula.doctor.disk import check_disk
from scripts.aula.doctor.mail import check_mail
from scripts.aula.doctor.processes import check_processes
from scripts.aula.doctor.stripe import check_stripe
from scripts.aula.exits import NothingDone
from scripts.aula.options import Json
from scripts.aula.output import plain, show_json

_STYLES: dict[Level, str] = {"ok": "green", "warning": "yellow", "fault": "bold red"}


class DoctorOut(BaseModel):
    """What was found."""

    faults: int
    warnings: int
    checks: Sequence[Check]


def doctor(*, json: Json = False) -> None:
    """Check settings, database, broker, processes, Stripe, mail, the audit log and disk; exit code 1 with any fault."""
    use_running()
    checks = list(_all_checks())
    levels = [check.level for check in checks]
    found = DoctorOut(faults=levels.count("fault"), warnings=levels.count("warning"), checks=checks)
    if json:
        show_json(found)
    else:
        _show(checks)
    if found.faults:
        raise NothingDone(f"faults: {found.faults}, warnings: {found.warnings}")


def _all_checks() -> Checks:
    try:
        found = settings()
    except SettingsInvalid as error:
        yield from (
            fault("settings", "value", one, "Mend it; docs/settings.md says what is allowed.")
            for one in str(error).split("; ")
        )
        yield from _check_without_settings()
        return
    yield ok("settings", "values", f"all are allowed for {found.env}")
    yield from check_database(found.database_url)
    yield from check_broker(found.redis_url)
    yield from check_processes(found.database_url, found.redis_url)
    yield from check_stripe(found)
    yield from check_mail(found)
    yield from check_audit(found)
    yield from check_disk(found.database_url)


def _check_without_settings() -> Checks:
    """What can be checked although other settings are wrong."""
    defaults = Settings.model_construct()
    database_url = os.environ.get("AULA_DATABASE_URL", defaults.database_url)
    redis_url = os.environ.get("AULA_REDIS_URL", defaults.redis_url)
    yield from check_database(database_url)
    yield from check_broker(redis_url)
    yield from check_processes(database_url, redis_url)
    yield from check_disk(database_url)


def _show(checks: Sequence[Check]) -> None:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    for column in ("part", "name", "level"):
        table.add_column(column, no_wrap=True)
    table.add_column("meaning", overflow="fold")
    for check in checks:
        said = Text(plain(check.meaning))
        if check.advice:
            said.append(f"\n→ {plain(check.advice)}", style="bold")
        table.add_row(check.part, check.name, Text(check.level, style=_STYLES[check.level]), said)
    Console().print(table)
