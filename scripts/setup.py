"""Makes the virtual environment and installs a set of pinned packages: production, local, dev or bench.

Runs on the system's Python, so it uses the standard library alone. Does nothing when the set, or a larger
one, was installed from the same pins; of two at once, one waits.
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
LOG = ROOT / ".local" / "setup.log"
# Each set holds the ones before it.
SETS = ("production", "local", "dev", "bench")
# Where output goes to a file, progress is a line for every so many packages.
_PLAIN_STEP = 10


class SetupError(Exception):
    """The set-up cannot go on; the message says what to do."""


def main(arguments: Sequence[str]) -> int:
    """Install the set that is named; gives the exit code."""
    if len(arguments) != 1 or arguments[0] not in SETS:
        print(f"usage: scripts/setup.sh {'|'.join(SETS)}", file=sys.stderr)
        return 2
    try:
        with only_one():
            if not installed(arguments[0]):
                install(arguments[0])
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


@contextmanager
def only_one() -> Generator[None]:
    """Wait until no other set-up of this checkout runs."""
    LOG.parent.mkdir(exist_ok=True)
    with (LOG.parent / "setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another set-up of this checkout runs; waiting for it …", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def installed(name: str) -> bool:
    """Whether the set or a larger one was installed from the pins as they are now."""
    larger = SETS[SETS.index(name) :]
    return works() and any(_read(stamp_of(one)) == digest_of(one) for one in larger)


def install(name: str) -> None:
    """Make the environment if there is none that works, and install the pins of a set.

    Raises:
        SetupError: either failed.
    """
    started = time.monotonic()
    if not works():
        version = ".".join(map(str, sys.version_info[:3]))
        print(f"Making a virtual environment in .venv with Python {version} …", flush=True)
        make_venv()
    for stamp in VENV.glob("installed-*"):
        stamp.unlink()
    install_packages(name)
    stamp_of(name).write_text(digest_of(name), encoding="ascii")
    print(f"Set up in {time.monotonic() - started:.0f} s.", flush=True)


def works() -> bool:
    """Whether the environment's Python runs and has pip."""
    if not os.access(PYTHON, os.X_OK):
        return False
    tried = subprocess.run([PYTHON, "-c", "import pip"], capture_output=True, check=False)  # noqa: S603 - ours
    return tried.returncode == 0


def make_venv() -> None:
    """Make the environment anew.

    Raises:
        SetupError: this Python has no venv or no pip to put into it.
    """
    command = [sys.executable, "-m", "venv", "--clear", VENV]
    made = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if made.returncode != 0:
        raise SetupError(
            f"{sys.executable} cannot make a virtual environment:\n{made.stdout}{made.stderr}\n"
            "On Debian and Ubuntu: apt-get install python3-venv. Or name another Python: make run PYTHON=…"
        )


def install_packages(name: str) -> None:
    """Let pip install the pins of a set, checking every hash, and show how far it is.

    Raises:
        SetupError: pip failed; its whole output is in the log.
    """
    pins = pins_of(name)
    total = len(re.findall(r"^[\w.\-\[\]]+==", pins.read_text(encoding="utf-8"), flags=re.MULTILINE))
    # Not all pins are for this system, so the count ends a little below the total.
    print(f"Installing at most {total} pinned packages ({name}) …", flush=True)
    command = [PYTHON, "-m", "pip", "install", "--require-hashes", "--no-deps", "--progress-bar=off", "-r", pins]
    quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}
    with (
        LOG.open("w", encoding="utf-8") as log,
        subprocess.Popen(  # noqa: S603 - ours
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
        raise SetupError(f"pip failed; {LOG} ends with:\n{tail}")


def show_progress(lines: Iterable[str], keep: Callable[[str], object], total: int) -> None:
    """Keep every line, and show the package that pip is at."""
    count = 0
    terminal = sys.stdout.isatty()
    for line in lines:
        keep(line)
        if line.startswith("Collecting "):
            count += 1
            say(f"  {count}/{total}  {line.split()[1]}", terminal=terminal, loud=count % _PLAIN_STEP == 0)
        elif line.startswith("Installing collected"):
            say("  putting them in place …", terminal=terminal, loud=True)
    if terminal:
        print("\r\033[K", end="", flush=True)


def say(text: str, *, terminal: bool, loud: bool) -> None:
    """Show progress: always on one line of a terminal, now and then as a line of its own."""
    if terminal:
        print(f"\r\033[K{text}", end="", flush=True)
    elif loud:
        print(text, flush=True)


def pins_of(name: str) -> Path:
    """The file that pins a set."""
    return ROOT / "requirements" / f"{name}.txt"


def stamp_of(name: str) -> Path:
    """The file that tells from which pins a set was installed."""
    return VENV / f"installed-{name}"


def digest_of(name: str) -> str:
    """What tells one state of the pins from another."""
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
