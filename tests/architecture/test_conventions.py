"""The source tree follows the conventions."""

import ast
import configparser
import re
from collections.abc import Callable
from pathlib import Path

from core.maintenance.check import invariants
from scripts.inserts import without_comments
from scripts.local.instances import ROOT
from tests.architecture import rules
from tests.architecture.tree import PRODUCTION, SOURCE, dotted, name, parsed, python_files, sql_files

SOURCE_LINES, TEST_LINES, FUNCTION_LINES, EDGE_LINES, SQL_LINES = 300, 500, 50, 10, 60
# Packages of core that are not domains.
NO_DOMAINS = {"gateways", "ports", "wiring"}
COMPLETION = re.compile(r"update\s+app\.jobs(\s+\w+)?\s+set\s+state\s*=\s*'succeeded'")
INCLUDE = re.compile(r"^-- include (\w+/\w+)", re.MULTILINE)
# Public names without a caller in production, each with the reason to keep it.
_INDEPENDENT = ("orders", "payments", "enrollments", "seminars", "refunds", "disputes")
UNUSED = {
    "core.jobs.work.report": "for long tasks, to come; the API shows the progress already",
    "core.states.diagram": "draws the documents' diagrams, which tests compare with the code",
}


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
    assert too_long(sql_files(), SQL_LINES) == []


def test_functions_are_short() -> None:
    long = [
        f"{name(path)}:{function.lineno} {function.name}: {rules.lines_of(function)} lines"
        for path in python_files(*SOURCE, "tests")
        for function in rules.functions(parsed(path))
        if rules.lines_of(function) > FUNCTION_LINES
    ]
    assert long == []


def test_route_bodies_are_short() -> None:
    assert long_bodies("api", rules.is_route) == []


def test_task_bodies_are_short() -> None:
    assert long_bodies("tasks", rules.is_task) == []


def test_core_and_db_end_no_transaction() -> None:
    assert breaches(rules.ends_transactions, "core", "db") == []


def test_only_the_settings_read_the_environment() -> None:
    elsewhere = breaches(rules.reads_environment, *PRODUCTION)
    assert [place for place in elsewhere if not place.startswith("core/settings.py:")] == []


def test_imports_stand_at_the_top() -> None:
    assert breaches(rules.imports_inside_functions, *SOURCE, "tests") == []


def test_suppressions_give_a_code_and_a_reason() -> None:
    own = Path(__file__).with_name("test_rules.py")
    unexplained = [
        f"{name(path)}:{line}"
        for path in python_files(*SOURCE, "tests")
        if path != own
        for line in rules.suppressions_without_reason(path.read_text(encoding="utf-8"))
    ]
    assert unexplained == []


def test_alembic_is_not_a_package() -> None:
    # A package would shadow the library of that name.
    assert not (ROOT / "alembic" / "__init__.py").exists()


def listed(section: str, key: str) -> set[str]:
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter", encoding="utf-8")
    return set(contracts[section][key].split())


def test_every_package_is_under_contract() -> None:
    packages = {folder for folder in (*SOURCE, "tests") if (ROOT / folder / "__init__.py").exists()}
    assert listed("importlinter", "root_packages") == packages


def test_every_domain_is_forbidden_every_adapter() -> None:
    section = "importlinter:contract:domains-import-ports"
    domains = {path.parent.name for path in (ROOT / "core").glob("*/__init__.py")} - NO_DOMAINS
    adapters = {path.stem for path in (ROOT / "core" / "gateways").glob("*.py")} - {"__init__"}
    assert listed(section, "source_modules") == {f"core.{domain}" for domain in domains}
    assert listed(section, "forbidden_modules") == {f"core.gateways.{one}" for one in adapters} | {"core.wiring"}


def test_the_domains_that_talk_by_message_do_not_import_each_other() -> None:
    wanted = {
        one
        for one in ("orders", "payments", "enrollments", "seminars", "refunds", "disputes")
        if (ROOT / "core" / one).is_dir()
    }
    assert listed("importlinter:contract:independent-domains", "modules") == {f"core.{one}" for one in wanted}


def test_jobs_are_completed_in_one_statement() -> None:
    completing = [
        name(path)
        for path in sql_files()
        for _ in COMPLETION.finditer(without_comments(path.read_text(encoding="utf-8")))
    ]
    assert completing == ["core/jobs/_completed.sql"]


def test_every_sql_file_is_used() -> None:
    loaded = {text for path in python_files(*SOURCE) for text in rules.used_names(parsed(path), dotted(path))}
    included = {found for path in sql_files() for found in INCLUDE.findall(path.read_text(encoding="utf-8"))}
    names = {f"{path.parent.name}/{path.stem}" for path in sql_files()}
    assert names - loaded - included - set(invariants()) == set()


def test_public_names_of_production_are_used_in_production() -> None:
    used = {one for path in python_files(*SOURCE) for one in rules.used_names(parsed(path), dotted(path))}
    public = {
        f"{dotted(path)}.{one}" for path in python_files(*PRODUCTION) for one in rules.public_definitions(parsed(path))
    }
    assert public - used == set(UNUSED)
