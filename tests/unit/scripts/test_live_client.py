"""Fetching livekit-client: from the configured registry, checked by its hash, and never an error of the set-up."""

import io
import tarfile
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256, sha512
from pathlib import Path
from urllib.error import URLError

import pytest

from scripts import live_client

LIBRARY = b"client()"


def archive(member: str = "package/dist/livekit-client.umd.js") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as files:
        info = tarfile.TarInfo(member)
        info.size = len(LIBRARY)
        files.addfile(info, io.BytesIO(LIBRARY))
    return buffer.getvalue()


def finds(program: str | None) -> Callable[[str], str | None]:
    """In place of `shutil.which`."""

    def which(_name: str) -> str | None:
        return program

    return which


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A machine without npm, whose registry has the package; the addresses that are asked."""
    found, content = list[str](), archive()

    def answer(address: str, timeout: int) -> io.BytesIO:
        found.append(address)
        assert timeout > 0
        return io.BytesIO(content)

    monkeypatch.setattr(live_client, "FILE", tmp_path / "vendor" / "livekit-client.js")
    monkeypatch.setattr(live_client, "INTEGRITY", "sha512-" + b64encode(sha512(content).digest()).decode())
    monkeypatch.setattr(live_client, "FILE_SHA256", sha256(LIBRARY).hexdigest())
    monkeypatch.setattr("shutil.which", finds(None))
    monkeypatch.setattr("pathlib.Path.home", lambda: tmp_path)
    monkeypatch.setattr("urllib.request.urlopen", answer)
    monkeypatch.setenv("npm_config_registry", "https://npm.example/mirror/")
    return found


def test_the_library_is_fetched_once_from_the_configured_registry(asked: list[str]) -> None:
    assert [live_client.main(), live_client.main()] == [0, 0]
    assert asked == [f"https://npm.example/mirror/livekit-client/-/livekit-client-{live_client.VERSION}.tgz"]
    assert live_client.FILE.read_bytes() == LIBRARY
    assert [path.name for path in live_client.FILE.parent.iterdir()] == ["livekit-client.js"]


def test_half_a_library_or_another_version_is_replaced(asked: list[str]) -> None:
    live_client.keep(b"cli")
    assert live_client.main() == 0
    assert (len(asked), live_client.FILE.read_bytes()) == (1, LIBRARY)


def test_a_registry_is_read_from_the_configuration_of_npm(
    asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("npm_config_registry")
    (tmp_path / ".npmrc").write_text("fund=false\nregistry=https://other.example\n")
    assert live_client.main() == 0
    assert asked[0].startswith("https://other.example/livekit-client/-/")


def test_an_archive_with_another_hash_is_not_kept(
    asked: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(live_client, "INTEGRITY", "sha512-other")
    assert live_client.main() == 0
    assert asked
    assert not live_client.FILE.exists()
    assert "is not the pinned one" in capsys.readouterr().err


@pytest.mark.parametrize("registry", ["", "file:///etc/passwd", "https://down.example"])
def test_a_registry_that_cannot_be_used_is_told_and_is_no_error(
    asked: list[str], registry: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def down(address: str, timeout: int) -> io.BytesIO:
        raise URLError(f"{address}: nothing within {timeout} s")

    monkeypatch.setattr("urllib.request.urlopen", down)
    monkeypatch.setattr(live_client, "configured_registry", lambda: registry)
    assert live_client.main() == 0
    assert (asked, live_client.FILE.exists()) == ([], False)
    told = capsys.readouterr().err
    assert told.startswith("Live video is not installed: ")
    assert "python3 scripts/live_client.py" in told


def test_npm_packs_it_where_it_is_installed(asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, npm = tmp_path / "source.tgz", tmp_path / "npm"
    source.write_bytes(archive())
    # A stand-in, so that the test needs neither npm nor a network.
    npm.write_text(f'#!/bin/sh\ncp {source} "livekit-client-{live_client.VERSION}.tgz"\n')
    npm.chmod(0o755)
    monkeypatch.setattr("shutil.which", finds(str(npm)))
    assert live_client.main() == 0
    assert (asked, live_client.FILE.read_bytes()) == ([], LIBRARY)


def test_an_npm_that_fails_is_told(
    asked: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.which", finds("/bin/false"))
    assert live_client.main() == 0
    assert (asked, live_client.FILE.exists()) == ([], False)
    assert "npm cannot fetch" in capsys.readouterr().err
