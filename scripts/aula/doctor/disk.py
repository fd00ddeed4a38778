"""How much space is left where this host can see it."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import psycopg

from scripts.aula.doctor.checks import Check, Checks, fault, ok, warning
from scripts.database_url import without_driver
from scripts.local.instances import ROOT

# Shares of the disk.
FREE_FAULT: Final = 0.05
FREE_WARNING: Final = 0.15
_GIGABYTE: Final = 10**9
_CONNECT_SECONDS: Final = 5


def check_disk(database_url: str) -> Checks:
    """The disk of the program, and that of PostgreSQL if it is on this host and tells its folder."""
    seen: set[int] = set()
    for name, folder in (("program", ROOT), *(("PostgreSQL", path) for path in _data_folders(database_url))):
        try:
            device, usage = folder.stat().st_dev, shutil.disk_usage(folder)
        except OSError:
            continue
        if device not in seen:
            seen.add(device)
            yield disk_check(name, usage.free, usage.total)


def disk_check(name: str, free: int, total: int) -> Check:
    """What it means that so many bytes of a disk are free."""
    said = f"{free / _GIGABYTE:.1f} GB of {total / _GIGABYTE:.1f} GB are free"
    share = free / total if total else 0.0
    if share >= FREE_WARNING:
        return ok("disk", name, said)
    level = fault if share < FREE_FAULT else warning
    return level("disk", name, f"{said}: PostgreSQL stops when its disk is full", "Make room, or a larger disk.")


def _data_folders(url: str) -> Sequence[Path]:
    """PostgreSQL's folder; empty when the role may not see it."""
    try:
        with psycopg.connect(without_driver(url), connect_timeout=_CONNECT_SECONDS) as connection:
            row = connection.execute("show data_directory").fetchone()
    except psycopg.Error:
        return []
    return [Path(str(row[0]))] if row else []
