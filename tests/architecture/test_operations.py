"""The alerts name metrics that exist, and the runbook has a section for all that can go wrong."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.metrics import COUNTED, PROCESS_GAUGES
from core.findings.kinds import Kind
from core.metrics.read import GAUGES
from scripts.local.instances import ROOT

ALERTS = ROOT / "docs" / "operations" / "alerts.yaml"
RUNBOOK = ROOT / "docs" / "operations" / "runbook.md"
LABELS = {name: set(one.labels) for name, one in {**COUNTED, **PROCESS_GAUGES, **GAUGES}.items()}
LABELS["aula_http_request_seconds_bucket"] = LABELS.pop("aula_http_request_seconds") | {"le"}
SELECTOR = re.compile(r"(aula_\w+)(?:\{([^}]*)\})?")
GROUPING = re.compile(r"by \(([^)]*)\)")


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
    return group["rules"]


def faults(expression: str) -> list[str]:
    """The metrics and labels in an expression that the API does not expose."""
    known: set[str] = set()
    found: list[str] = []
    for name, matchers in SELECTOR.findall(expression):
        if name not in LABELS:
            found.append(name)
            continue
        used = set(re.findall(r"(\w+)\s*[=!]", matchers))
        found += [f"{name}: {label}" for label in sorted(used - LABELS[name])]
        known |= LABELS[name]
    grouped = {label.strip() for group in GROUPING.findall(expression) for label in group.split(",")}
    return found + sorted(grouped - known)


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub makes of the headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def test_every_metric_and_label_of_the_alerts_exists() -> None:
    assert {rule["alert"]: faults(rule["expr"]) for rule in rules() if faults(rule["expr"])} == {}


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        ("max(aula_relay) == 0", "aula_relay"),
        ('aula_jobs{status="dead"} > 0', "aula_jobs: status"),
        ("max by (queue) (aula_jobs) > 0", "queue"),
        ("aula_jobs_bucket > 0", "aula_jobs_bucket"),
        ("sum by (le) (aula_jobs) > 0", "le"),
    ],
)
def test_a_metric_or_label_that_does_not_exist_is_found(expression: str, fault: str) -> None:
    assert fault in faults(expression)


def test_the_text_of_an_alert_names_labels_that_it_has() -> None:
    for rule in rules():
        named = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
        grouped = {label.strip() for group in GROUPING.findall(rule["expr"]) for label in group.split(",")}
        kept = {label for name, _ in SELECTOR.findall(rule["expr"]) for label in LABELS[name]}
        assert named <= (grouped or kept), rule["alert"]


def test_every_alert_has_a_section_in_the_runbook() -> None:
    wanted = {rule["alert"]: rule["annotations"]["runbook"] for rule in rules()}
    assert wanted == {alert: f"docs/operations/runbook.md#{alert.lower()}" for alert in wanted}
    assert {alert.lower() for alert in wanted} - anchors(RUNBOOK) == set()


def test_every_kind_of_finding_has_a_section_in_the_runbook() -> None:
    assert {kind.value for kind in Kind} - anchors(RUNBOOK) == set()


def test_the_runbook_has_no_section_of_an_alert_or_kind_that_is_gone() -> None:
    headings = re.findall(r"^### (.+)$", RUNBOOK.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert set(headings) == {rule["alert"] for rule in rules()} | {kind.value for kind in Kind}


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is a part of Prometheus")
@pytest.mark.parametrize("arguments", [("check", "rules", str(ALERTS)), ("test", "rules", "alerts_test.yaml")])
def test_promtool_accepts_the_alerts(arguments: tuple[str, ...]) -> None:
    done = subprocess.run(  # noqa: S603 - our own arguments
        ["promtool", *arguments],  # noqa: S607 - the promtool that is installed
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
