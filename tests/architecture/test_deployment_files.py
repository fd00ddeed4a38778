"""Procfile, docker-compose.yml and the systemd units start the same processes, each with few rights."""

import os
import re
import shlex
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from core.settings import variable_names
from scripts.local.instances import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
UNITS = ROOT / "docs" / "operations" / "systemd"
OURS = {name: service for name, service in SERVICES.items() if str(service.get("image")).startswith("aula:")}
# By the name in the Procfile, where it is another one.
NAMES = {"web": "api", "release": "migrate"}
PROFILES = {
    "stripe": "emulators",
    "mail": "emulators",
    "livekit": "emulators",
    "livekit-server": "livekit",
    "prometheus": "observability",
}
# What a process does without, whoever starts it.
HARDENING = (
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "PrivateTmp=yes",
    "CapabilityBoundingSet=",
)


def procfile() -> dict[str, list[str]]:
    lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    split = (line.partition(": ") for line in lines)
    return {NAMES.get(name, name): shlex.split(command) for name, _, command in split}


def program(words: list[str]) -> str:
    """What a command starts, whatever its options: a module, or Celery's subcommand."""
    if "-m" in words:
        return words[words.index("-m") + 1]
    return next((word for word in words if word in {"worker", "beat"}), words[0].rsplit("/", 1)[-1])


def test_compose_has_every_process_of_the_procfile() -> None:
    expected = {name: program(words) for name, words in procfile().items() if name != "api"}
    assert {name: program(SERVICES[name]["command"]) for name in expected} == expected
    command = re.findall(r'"([^"]+)"', (ROOT / "Dockerfile").read_text(encoding="utf-8").rpartition("CMD")[2])
    assert program(command) == program(procfile()["api"])


def test_what_is_not_needed_is_in_a_profile() -> None:
    assert {name: service["profiles"][0] for name, service in SERVICES.items() if "profiles" in service} == PROFILES


@pytest.mark.parametrize("name", sorted({*OURS, "prometheus"}))
def test_a_container_has_no_rights_beyond_a_users(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_the_image_runs_as_a_user_other_than_root() -> None:
    users = re.findall(r"^USER (\w+)$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert [int(user) > 0 for user in users] == [True]


def test_every_variable_of_compose_is_a_setting() -> None:
    named = {name for name in COMPOSE["x-aula"]["environment"] if name.startswith("AULA_")}
    assert named - {*variable_names().values(), "AULA_API_URL"} == set()


def test_every_image_has_a_version() -> None:
    images = [service["image"] for service in SERVICES.values() if service not in OURS.values()]
    assert [image for image in images if not re.search(r":v?\d", image)] == []


def docker_compose() -> list[str] | None:
    """The command, where one is found: docker without the plugin has none."""
    if named := os.environ.get("AULA_DOCKER_COMPOSE") or shutil.which("docker-compose"):
        return [named]
    plugin = [shutil.which("docker") or "docker", "compose"]
    try:
        works = subprocess.run([*plugin, "version"], capture_output=True, check=False).returncode == 0  # noqa: S603 - as found
    except FileNotFoundError:
        return None
    return plugin if works else None


def test_compose_is_valid() -> None:
    command = docker_compose()
    if command is None:
        pytest.skip("docker compose is not here")
    for profile in ("", *sorted(set(PROFILES.values()))):
        check = [*command, *(["--profile", profile] if profile else []), "config", "--quiet"]
        done = subprocess.run(check, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - as found
        assert (done.returncode, done.stderr) == (0, "")


def test_a_unit_starts_each_process_of_the_procfile() -> None:
    units = {path.stem.removeprefix("aula-"): path.read_text(encoding="utf-8") for path in UNITS.glob("aula-*.service")}
    commands = {name: re.findall(r"^ExecStart=(.*)$", unit, re.MULTILINE)[0] for name, unit in units.items()}
    started = {name: program(shlex.split(command)) for name, command in commands.items()}
    assert started == {name: program(words) for name, words in procfile().items()}
    assert [(name, line) for name, unit in units.items() for line in HARDENING if line not in unit.splitlines()] == []


def test_the_units_are_valid() -> None:
    analyse = shutil.which("systemd-analyze")
    if analyse is None:
        pytest.skip("systemd-analyze is a part of systemd")
    done = subprocess.run([analyse, "verify", *sorted(UNITS.iterdir())], capture_output=True, text=True, check=False)  # noqa: S603 - as found
    # The programs are where a deployment puts them, not here.
    said = [line for line in done.stderr.splitlines() if "is not executable" not in line]
    assert said == []
