"""Flower's process: `python -m workers.flower --port 5555`. It shows jobs; `aula` and the API change them.

Flower's own `/metrics` has no authentication; here it has that of the pages.
"""

import argparse
from ipaddress import ip_address
from typing import Any, Final, cast

from flower.views.monitor import Metrics  # pyright: ignore[reportMissingTypeStubs] - it has none
from tornado.web import authenticated

from core.logs import configure_logs
from core.settings import Settings, SettingsInvalid, settings
from workers.app import app

# Messages that Flower keeps in memory and in its history, some kilobytes each.
_MAX_TASKS: Final = 20_000
# Milliseconds: what a Flower that is killed forgets.
_SAVE_INTERVAL: Final = 30_000


def check_access(config: Settings, host: str) -> None:
    """Raises SettingsInvalid where anyone on the network could read Flower's pages, except in development."""
    if config.env != "development" and config.flower_basic_auth is None and not _is_loopback(host):
        raise SettingsInvalid(f"AULA_FLOWER_BASIC_AUTH must be set, or --host be an address of loopback, not {host}")


def options(config: Settings, host: str, port: int, history: str | None) -> list[str]:
    """Flower's options. They stay in this process, so that no list of processes shows the password."""
    shown = [
        f"--address={host}",
        f"--port={port}",
        # The lines go the way of all others, as JSON.
        "--logging=none",
        # A revoked message is a job that waits for its lease: jobs are cancelled in the database.
        "--read_only=True",
        f"--max_tasks={_MAX_TASKS}",
    ]
    if config.flower_basic_auth is not None:
        shown.append(f"--basic_auth={config.flower_basic_auth.get_secret_value()}")
    if history is not None:
        shown += ["--persistent=True", f"--db={history}", f"--state_save_interval={_SAVE_INTERVAL}"]
    return shown


def main() -> None:
    """Serve until the process is told to end."""
    parser = argparse.ArgumentParser(prog="python -m workers.flower", description="Serve Flower.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5555)
    parser.add_argument("--history", help="a file that keeps what Flower knows over a restart")
    given = parser.parse_args()
    configure_logs()
    check_access(settings(), given.host)
    metrics = cast("Any", Metrics)
    metrics.get = authenticated(metrics.get)
    app.start(["flower", *options(settings(), given.host, given.port, given.history)])


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


if __name__ == "__main__":
    main()
