"""Makes the virtual environment and installs a set of pinned packages: production, client, local, dev or bench.

Runs on the system's Python, so it uses only the standard library. Does nothing if the set, or a larger one, is
installed from the same pins. Two runs at once wait for each other.
"""

import fcntl
import hashlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
COMMAND = ROOT / "scripts" / "aula.sh"
LIVE_CLIENT = ROOT / "scripts" / "live_client.py"
LOG = ROOT / ".local" / "setup.log"
# Each set includes the ones before it.
SETS = ("production", "client", "local", "dev", "bench")
# Outside a terminal, one progress line per this many packages.
_PACKAGES_PER_LINE = 10


class SetupError(Exception):
    """The set-up failed; the message says what to do."""


def main(arguments: Sequence[str]) -> int:
    """Install the named set. Returns the exit code."""
    if len(arguments) != 1 or arguments[0] not in SETS:
        print(f"usage: scripts/setup.sh {'|'.join(SETS)}", file=sys.stderr)
        return 2
    try:
        with setup_lock():
            if not installed(arguments[0]):
                install(arguments[0])
            link_command()
            fetch_live_client()
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


@contextmanager
def setup_lock() -> Generator[None]:
    """Hold the lock of this checkout's set-up; wait while another set-up holds it."""
    LOG.parent.mkdir(exist_ok=True)
    with (LOG.parent / "setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another set-up of this checkout is running; waiting …", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def installed(name: str) -> bool:
    """Whether the set or a larger one is installed from the current pins."""
    larger = SETS[SETS.index(name) :]
    return venv_works() and any(_read(stamp_of(candidate)) == digest_of(candidate) for candidate in larger)


def install(name: str) -> None:
    """Make the environment if it does not work, and install the pins of a set.

    Raises:
        SetupError: either step failed.
    """
    started = time.monotonic()
    if not venv_works():
        version = ".".join(map(str, sys.version_info[:3]))
        print(f"Making a virtual environment in .venv with Python {version} …", flush=True)
        make_venv()
    for stamp in VENV.glob("installed-*"):
        stamp.unlink()
    install_packages(name)
    stamp_of(name).write_text(digest_of(name), encoding="ascii")
    print(f"Set up in {time.monotonic() - started:.0f} s.", flush=True)


def venv_works() -> bool:
    """Whether the environment's Python runs and has pip."""
    if not os.access(PYTHON, os.X_OK):
        return False
    result = subprocess.run([PYTHON, "-c", "import pip"], capture_output=True, check=False)  # noqa: S603 - a fixed command
    return result.returncode == 0


def make_venv() -> None:
    """Create the environment, replacing the old one.

    Raises:
        SetupError: this Python lacks venv or pip.
    """
    command = [sys.executable, "-m", "venv", "--clear", VENV]
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - a fixed command
    if result.returncode != 0:
        raise SetupError(
            f"{sys.executable} cannot make a virtual environment:\n{result.stdout}{result.stderr}\n"
            "On Debian and Ubuntu: apt-get install python3-venv. Or name another Python: make run PYTHON=…"
        )


def install_packages(name: str) -> None:
    """Install the pins of a set with pip, with hashes checked, and show progress.

    Raises:
        SetupError: pip failed; its output is in the log.
    """
    pins = pins_of(name)
    total = len(re.findall(r"^[\w.\-\[\]]+==", pins.read_text(encoding="utf-8"), flags=re.MULTILINE))
    # Some pins are for other systems, so the count stays below the total.
    print(f"Installing at most {total} pinned packages ({name}) …", flush=True)
    command = [PYTHON, "-m", "pip", "install", "--require-hashes", "--no-deps", "--progress-bar=off", "-r", pins]
    quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}
    with (
        LOG.open("w", encoding="utf-8") as log,
        subprocess.Popen(  # noqa: S603 - a fixed command
            command,
            env={**os.environ, **quiet},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as pip,
    ):
        show_progress(pip.stdout or (), log.write, total)
    if pip.returncode != 0:
        tail = "\n".join(LOG.read_text(encoding="utf-8").splitlines()[-15:])
        raise SetupError(f"pip failed; last lines of {LOG}:\n{tail}")


def show_progress(lines: Iterable[str], write_log: Callable[[str], object], total: int) -> None:
    """Write every line to the log and show the current package."""
    count = 0
    terminal = sys.stdout.isatty()
    for line in lines:
        write_log(line)
        if line.startswith("Collecting "):
            count += 1
            show(f"  {count}/{total}  {line.split()[1]}", terminal=terminal, always=count % _PACKAGES_PER_LINE == 0)
        elif line.startswith("Installing collected"):
            show("  installing …", terminal=terminal, always=True)
    if terminal:
        print("\r\033[K", end="", flush=True)


def show(text: str, *, terminal: bool, always: bool) -> None:
    """Show progress: replace the line in a terminal; elsewhere print a new line if `always`."""
    if terminal:
        print(f"\r\033[K{text}", end="", flush=True)
    elif always:
        print(text, flush=True)


def link_command() -> None:
    """Make `.venv/bin/aula`. The project is not installed, so it is a link to its script."""
    link = VENV / "bin" / COMMAND.stem
    if link.is_symlink() and link.readlink() == COMMAND:
        return
    link.unlink(missing_ok=True)
    link.symlink_to(COMMAND)


def fetch_live_client() -> None:
    """Fetch what the seminar's page needs from npm's registry. Where that fails, it says so and the set-up goes on."""
    subprocess.run([PYTHON, LIVE_CLIENT], check=False)  # noqa: S603 - a fixed command


def pins_of(name: str) -> Path:
    """The file that pins a set."""
    return ROOT / "requirements" / f"{name}.txt"


def stamp_of(name: str) -> Path:
    """The file with the digest of the pins that were installed."""
    return VENV / f"installed-{name}"


def digest_of(name: str) -> str:
    """The digest of a set's pins."""
    return hashlib.sha256(pins_of(name).read_bytes()).hexdigest()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return ""


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
