"""The tree keeps the house rules."""

import ast
import configparser
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.local.instances import ROOT
from tests.architecture import rules
from tests.architecture.tree import PRODUCTION, SOURCE, name, parsed, python_files

SOURCE_LINES, TEST_LINES, FUNCTION_LINES, EDGE_LINES = 300, 500, 50, 10
# Packages of core that serve the domains instead of being one.
NO_DOMAINS = {"gateways"}


def too_long(paths: list[Path], most: int) -> list[str]:
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    return [f"{path}: {lines} lines, at most {most}" for path, lines in lengths.items() if lines > most]


def breaches(rule: Callable[[ast.Module], list[int]], *folders: str) -> list[str]:
    return [f"{name(path)}:{line}" for path in python_files(*folders) for line in rule(parsed(path))]


def long_bodies(folder: str, wanted: Callable[[rules.Function], bool]) -> list[str]:
    return [
        f"{name(path)}:{function.lineno} {function.name}: {rules.body_lines(function)} lines, at most {EDGE_LINES}"
        for path in python_files(folder)
        for function in rules.functions(parsed(path))
        if wanted(function) and rules.body_lines(function) > EDGE_LINES
    ]


def test_files_are_short() -> None:
    assert too_long(python_files(*SOURCE), SOURCE_LINES) == []
    assert too_long(python_files("tests"), TEST_LINES) == []


def test_functions_are_short() -> None:
    long = [
        f"{name(path)}:{function.lineno} {function.name}: {rules.lines_of(function)} lines"
        for path in python_files(*SOURCE, "tests")
        for function in rules.functions(parsed(path))
        if rules.lines_of(function) > FUNCTION_LINES
    ]
    assert long == []


def test_routes_are_one_call_into_core() -> None:
    assert long_bodies("api", rules.is_route) == []


def test_tasks_are_one_call_into_core() -> None:
    assert long_bodies("tasks", rules.is_task) == []


def test_core_leaves_the_transaction_to_the_edge() -> None:
    assert breaches(rules.ends_transactions, "core", "db") == []


def test_settings_alone_read_the_environment() -> None:
    assert set(breaches(rules.reads_environment, "db")) == set()
    elsewhere = breaches(rules.reads_environment, *PRODUCTION)
    assert [place for place in elsewhere if not place.startswith("core/settings.py:")] == []


def test_imports_stand_at_the_top() -> None:
    assert breaches(rules.imports_inside_functions, *SOURCE, "tests") == []


def test_silenced_findings_give_a_code_and_a_reason() -> None:
    own = Path(__file__).with_name("test_rules.py")
    silent = [
        f"{name(path)}:{line}"
        for path in python_files(*SOURCE, "tests")
        if path != own
        for line in rules.silences_without_reason(path.read_text(encoding="utf-8"))
    ]
    assert silent == []


def test_alembic_is_no_package() -> None:
    # It would shadow the library of that name.
    assert not (ROOT / "alembic" / "__init__.py").exists()


def listed(section: str, key: str) -> set[str]:
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter", encoding="utf-8")
    return set(contracts[section][key].split())


def test_every_package_is_under_contract() -> None:
    packages = {folder for folder in (*SOURCE, "tests") if (ROOT / folder / "__init__.py").exists()}
    assert listed("importlinter", "root_packages") == packages


def test_every_domain_is_kept_from_every_adapter() -> None:
    section = "importlinter:contract:domains-know-ports"
    domains = {path.parent.name for path in (ROOT / "core").glob("*/__init__.py")} - NO_DOMAINS
    adapters = {path.stem for path in (ROOT / "core" / "gateways").glob("*.py")} - {"__init__", "ports"}
    wiring = {"core.wiring"} if (ROOT / "core" / "wiring.py").exists() else set[str]()
    assert listed(section, "source_modules") == {f"core.{domain}" for domain in domains}
    assert listed(section, "forbidden_modules") == {f"core.gateways.{one}" for one in adapters} | wiring


@pytest.mark.parametrize("section", ["domains-talk-by-message"])
def test_the_four_domains_that_talk_by_message_do(section: str) -> None:
    wanted = {one for one in ("orders", "payments", "enrollments", "seminars") if (ROOT / "core" / one).is_dir()}
    assert listed(f"importlinter:contract:{section}", "modules") == {f"core.{one}" for one in wanted}
