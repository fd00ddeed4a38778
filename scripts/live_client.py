"""Fetches livekit-client, which the seminar's page needs, from npm's registry, and checks it by its hash.

Runs on the system's Python, so it uses only the standard library. The registry is the one npm is configured for:
`npm pack` where npm is installed; otherwise the variable `npm_config_registry`, or `registry=` in `~/.npmrc` or
`/etc/npmrc`. Without it the page says that live video is not installed; all else works.
"""

import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
from base64 import b64encode
from pathlib import Path

VERSION = "2.23.0"
# `npm view livekit-client@2.23.0 dist.integrity`
INTEGRITY = "sha512-j9Kg86nJjBjNFUD+ukp2jwMCGa0k+YD5gU//RzAM+ZY3pbG631QCte7fQjwqWMmtBzhDJL9nKYuOLMv/9IbAxg=="
FILE = Path(__file__).resolve().parents[1] / "landing" / "vendor" / "livekit-client.js"
_ARCHIVE = f"livekit-client-{VERSION}.tgz"
# Of the one file that is used, so that another version, or half of it, is fetched again.
FILE_SHA256 = "fb646f2260d84f91238d0a2dc10726c456631d6a26c7cafc43cfee5959b4d31d"
_MEMBER = "package/dist/livekit-client.umd.js"
# Seconds; and bytes, several times what the archive has.
_NPM_S, _HTTP_S, _MAX_BYTES = 60, 20, 20_000_000


class FetchError(Exception):
    """The package cannot be had; the message says why."""


def main() -> int:
    """Fetch the file if it is not there. A failure is told, and is no error: only live video is missing."""
    try:
        if not installed():
            keep(checked(download()))
    except FetchError as error:
        print(f"Live video is not installed: {error}", file=sys.stderr)
        print("To install it later: python3 scripts/live_client.py", file=sys.stderr)
    return 0


def installed() -> bool:
    """Whether this version is there, whole."""
    return FILE.is_file() and hashlib.sha256(FILE.read_bytes()).hexdigest() == FILE_SHA256


def download() -> bytes:
    """The package's archive, unchecked. Raises FetchError."""
    if npm := shutil.which("npm"):
        return _packed(npm)
    registry = configured_registry()
    if not registry:
        raise FetchError("there is no npm, and npm_config_registry names no registry.")
    address = f"{registry.rstrip('/')}/livekit-client/-/{_ARCHIVE}"
    if not address.startswith(("https://", "http://")):
        raise FetchError("npm_config_registry is no web address.")
    try:
        with urllib.request.urlopen(address, timeout=_HTTP_S) as answer:  # noqa: S310 - the scheme is checked
            return answer.read(_MAX_BYTES)
    except OSError as error:
        raise FetchError(f"npm's registry does not answer ({type(error).__name__}).") from error


def configured_registry() -> str:
    """The registry that npm's variable or files name; empty if none does."""
    if named := os.environ.get("npm_config_registry"):  # noqa: SIM112 - npm's name
        return named
    for path in (Path.home() / ".npmrc", Path("/etc/npmrc")):
        if path.is_file():
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                name, _, value = line.partition("=")
                if name.strip() == "registry":
                    return value.strip()
    return ""


def checked(archive: bytes) -> bytes:
    """The library in the archive. Raises FetchError unless the archive has the pinned hash."""
    if "sha512-" + b64encode(hashlib.sha512(archive).digest()).decode() != INTEGRITY:
        raise FetchError(f"the hash of {_ARCHIVE} is not the pinned one.")
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        member = files.extractfile(_MEMBER)
        if member is None:
            raise FetchError(f"{_ARCHIVE} has no {_MEMBER}.")
        return member.read()


def keep(library: bytes) -> None:
    """Store the library whole or not at all."""
    FILE.parent.mkdir(exist_ok=True)
    part = FILE.with_suffix(f".{os.getpid()}")
    part.write_bytes(library)
    part.replace(FILE)


def _packed(npm: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        command = [npm, "pack", "--silent", "--fetch-retries=0", f"livekit-client@{VERSION}"]
        try:
            subprocess.run(command, cwd=folder, capture_output=True, check=True, timeout=_NPM_S)  # noqa: S603 - a fixed command
            return (Path(folder) / _ARCHIVE).read_bytes()
        except (OSError, subprocess.SubprocessError) as error:
            raise FetchError("npm cannot fetch the package.") from error


if __name__ == "__main__":
    sys.exit(main())
