"""A PostgreSQL server of our own, with its default durability."""

import re
import secrets
import shutil
import signal
import time
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from scripts.local import reaper
from scripts.local.errors import LocalServiceError
from scripts.local.ports import HOST, free_port
from scripts.local.postgres_home import PostgresHome, find_home
from scripts.local.processes import Process, Processes

USER = "aula"
DATABASE = "aula"
MAX_CONNECTIONS = 100
# Seconds: a server that was killed replays its log first.
_START_DEADLINE = 60.0
_ORPHANS_DEADLINE = 5.0
_POLL = 0.02
_BUILTIN_LOCALE_SINCE = 17
# Error texts of a server while the children of its killed predecessor still run.
_PREDECESSOR_ERRORS = ("shared memory block", "lock file")


class Postgres:
    """One server on 127.0.0.1 and a fixed port, with its data in its folder."""

    def __init__(self, processes: Processes, folder: Path, *, port: int | None = None) -> None:
        """Keep data under the folder; `processes` ends the server."""
        self._processes = processes
        self._folder = folder
        self._home: PostgresHome | None = None
        self._process: Process | None = None
        self.port = free_port() if port is None else port

    @property
    def process(self) -> Process:
        """The server's process.

        Raises:
            LocalServiceError: it was never started.
        """
        if self._process is None:
            raise LocalServiceError("PostgreSQL has not been started")
        return self._process

    def url(self, database: str = DATABASE) -> str:
        """The address of a database, password included."""
        return f"postgresql://{USER}:{self._password()}@{HOST}:{self.port}/{database}"

    def start(self) -> None:
        """Start the server and wait until it answers; the first start creates the data folder.

        Raises:
            LocalServiceError: it cannot be started; the message names the reason or the log.
        """
        if self._home is None:
            self._home = find_home(self._folder)
        if not self._data.exists():
            self._initialise(self._home)
        _wait_for_orphans(self._data)
        deadline = time.monotonic() + _START_DEADLINE
        self._launch(self._home)
        while not self._answers():
            self._check_progress(self._home, deadline)
            time.sleep(_POLL)
        self._create_database()

    def restart(self, *, immediate: bool = False) -> None:
        """Stop and start on the same port; `immediate` skips the shutdown checkpoint, so the log is replayed."""
        self.process.signal(signal.SIGQUIT if immediate else signal.SIGINT)
        self.process.wait()
        self.start()

    def kill(self) -> None:
        """Kill the server as a power cut would; `start` restarts it with its data."""
        self.process.kill()

    def stop(self) -> None:
        """Shut the server down and remove what was created outside the data folder."""
        if self._process is not None:
            self._process.stop()
        if self._home is not None:
            self._home.remove_temporary()
            self._home = None

    @property
    def _data(self) -> Path:
        return (self._home.folder if self._home else self._folder) / "data"

    def _password(self) -> str:
        folder = self._home.folder if self._home else self._folder
        return (folder / "password").read_text(encoding="ascii").strip()

    def _initialise(self, home: PostgresHome) -> None:
        password = home.folder / "password"
        password.unlink(missing_ok=True)
        password.touch(mode=0o600)
        password.write_text(secrets.token_hex(24), encoding="ascii")
        home.account.own(password)
        unfinished = home.folder / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        made = home.account.run(
            home.programs / "initdb",
            f"--pgdata={unfinished}",
            f"--username={USER}",
            "--auth=scram-sha-256",
            f"--pwfile={password}",
            "--encoding=UTF8",
            *_locale_options(home),
            cwd=home.folder,
        )
        if made.returncode != 0:
            raise LocalServiceError(f"initdb failed in {home.folder}:\n{made.stdout}{made.stderr}")
        # Renamed when complete: an interrupted initdb leaves no partial data folder.
        unfinished.rename(self._data)

    def _launch(self, home: PostgresHome) -> None:
        remove_stale_pid_file(self._data)
        self._process = self._processes.start(
            "postgres",
            [
                home.programs / "postgres",
                *("-D", str(self._data)),
                *("-h", HOST, "-p", str(self.port)),
                # TCP is enough; a socket would need a short path.
                *("-c", "unix_socket_directories="),
                *("-c", f"max_connections={MAX_CONNECTIONS}"),
            ],
            cwd=home.folder,
            stop_signal=signal.SIGINT,
            account=home.account,
        )

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return self.process.running

    def _check_progress(self, home: PostgresHome, deadline: float) -> None:
        late = time.monotonic() > deadline
        if self.process.running and not late:
            return
        tail = self.process.tail()
        if not late and any(text in tail.rpartition("FATAL")[2] for text in _PREDECESSOR_ERRORS):
            self._launch(home)
            return
        self.process.kill()
        raise LocalServiceError(f"PostgreSQL did not start; {self.process.log} last lines:\n{tail}")

    def _create_database(self) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if found is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def _wait_for_orphans(data: Path) -> None:
    """Wait for the children of a killed server: they still hold its shared memory."""
    orphans: list[psutil.Process] = []
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()) == data.resolve():
                orphans.append(process)
        except (OSError, psutil.Error):
            continue
    reaper.await_end(orphans, _ORPHANS_DEADLINE)


def remove_stale_pid_file(data: Path) -> None:
    """Remove the pid file of a lost server if its process id now belongs to another process."""
    pid_file = data / "postmaster.pid"
    try:
        pid = int(pid_file.read_text(encoding="utf-8").split(maxsplit=1)[0])
        running = _serves(psutil.Process(pid), data)
    except (OSError, ValueError, IndexError, psutil.Error):
        return
    if not running:
        pid_file.unlink(missing_ok=True)


def _serves(process: psutil.Process, data: Path) -> bool:
    """Whether a process serves this data: by its working directory, or by its arguments where access is denied."""
    try:
        return Path(process.cwd()) == data.resolve()
    except psutil.AccessDenied:
        return any(Path(argument).resolve() == data.resolve() for argument in process.cmdline())


def _locale_options(home: PostgresHome) -> list[str]:
    """The same sort order on every machine; from version 17 on with Unicode case rules."""
    printed = home.account.run(home.programs / "initdb", "--version").stdout
    version = re.search(r"\s(\d+)", printed)
    if version is not None and int(version[1]) >= _BUILTIN_LOCALE_SINCE:
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--locale=C"]
