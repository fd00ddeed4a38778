"""Each kind of finding: caused, seen everywhere that an operator looks, and repaired."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from core.findings.kinds import MEANINGS, Kind
from core.messages import ReportFindings
from tests.support.finding_causes import FINDING_CAUSES
from tests.support.finding_scene import OPERATOR_EMAIL, REASON, FindingScene

RUNBOOK = Path("docs/operations/runbook.md").read_text(encoding="utf-8")
CLOSED_AS = {"accept": "accepted", "refund": "refunded", "dismiss": "dismissed"}
Act = Callable[[FindingScene, str, UUID], dict[str, Any]]


def act_by_http(scene: FindingScene, action: str, finding_id: UUID) -> dict[str, Any]:
    answer = scene.operator.http.post(f"/admin/findings/{finding_id}/{action}", json={"reason": REASON})
    assert answer.status_code == 200, answer.text
    return answer.json()


def act_by_command(scene: FindingScene, action: str, finding_id: UUID) -> dict[str, Any]:
    confirmed = ("--yes",) if action == "refund" else ()
    return scene.aula.done("findings", action, finding_id, "--reason", REASON, *confirmed, "--json").document


ACTIONS = [(kind, action) for kind in Kind for action in MEANINGS[kind].actions]
# Every other one over HTTP, and the rest by `aula`.
ACTS = [(*one, (act_by_http, act_by_command)[number % 2]) for number, one in enumerate(ACTIONS)]


def assert_closed(scene: FindingScene, kind: Kind, finding_id: UUID, resolution: str) -> None:
    """The API, the command line, the metric and the audit log say so."""
    shown = scene.shown(finding_id)
    assert (shown["resolution"], shown["closed_at"] is None) == (resolution, False)
    assert scene.aula.done("findings", "show", finding_id, "--json").document == shown
    assert scene.aula("findings", "list", "--state", "open").err == "nothing found\n"
    assert scene.open_in_metrics() == {}
    (entry,) = scene.audited(finding_id, "findings:finding:closed")
    assert (entry["actor_id"], shown["closed_by"]) == (shown["closed_by"], entry["actor_id"])
    assert entry["data"].items() >= {"kind": kind, "resolution": resolution, "reason": shown["close_reason"]}.items()


def test_every_kind_has_a_cause() -> None:
    assert set(FINDING_CAUSES) == set(Kind)


@pytest.mark.parametrize("kind", Kind)
def test_the_runbook_says_how_to_repair(kind: Kind) -> None:
    section = RUNBOOK.partition(f"\n### {kind}\n")[2].partition("\n### ")[0]
    assert all(f"- {part}: " in section for part in ("Means", "Look", "Repair")), section


@pytest.mark.parametrize("kind", Kind)
def test_a_finding_is_seen_wherever_an_operator_looks(
    scene: FindingScene, kind: Kind, capsys: pytest.CaptureFixture[str]
) -> None:
    FINDING_CAUSES[kind].open(scene)
    finding_id = scene.finding(kind)
    shown = scene.shown(finding_id)
    assert (shown["kind"], shown["meaning"], shown["closed_at"]) == (kind, MEANINGS[kind].text, None)
    assert scene.operator.http.get("/admin/findings", params={"state": "open"}).json()["items"] == [shown]
    assert scene.aula.done("findings", "show", finding_id, "--json").document == shown
    assert scene.aula.done("findings", "list", "--state", "open", "--json").lines == [shown]
    assert scene.open_in_metrics() == {kind: 1}
    (opened,) = scene.audited(finding_id, "findings:finding:opened")
    assert opened["data"]["kind"] == kind
    capsys.readouterr()
    scene.run(ReportFindings())
    (line,) = [one for one in "".join(capsys.readouterr()).splitlines() if "finding opened" in one]
    assert all(text in line for text in ("error", kind, str(finding_id)))
    (email,) = [one for one in scene.mailer.emails if one.to == OPERATOR_EMAIL]
    commands = [f"aula findings show {finding_id}"]
    if shown["order_id"]:
        commands.append(f"aula orders show {shown['order_id']}")
    assert email.text.splitlines() == [f"{kind}: {MEANINGS[kind].text}", *commands]
    for told in (line, email.text, str(shown["details"])):
        assert all(personal not in told for personal in ("@", "Test User", "Buyer"))


@pytest.mark.parametrize(("kind", "action", "act"), ACTS)
def test_each_action_closes_its_finding(scene: FindingScene, kind: Kind, action: str, act: Act) -> None:
    mend = FINDING_CAUSES[kind].open(scene)
    finding_id = scene.finding(kind)
    acted = act(scene, action, finding_id)
    assert acted["closed_by"] == (None if action == "refund" else str(scene.operator.id))
    if kind == Kind.CHECK_FAILED:
        # A rule that is still violated would be found again.
        assert mend is not None
        mend()
    scene.runner.run_due()
    scene.close_resolved()
    assert_closed(scene, kind, finding_id, CLOSED_AS[action])
    who_and_why = scene.decision_of(finding_id, action)
    assert (who_and_why["actor_id"], who_and_why["data"]["reason"]) == (str(scene.operator.id), REASON)


@pytest.mark.parametrize("kind", [kind for kind in Kind if FINDING_CAUSES[kind].by_itself])
def test_a_finding_closes_when_its_cause_is_gone(scene: FindingScene, kind: Kind) -> None:
    cause = FINDING_CAUSES[kind]
    take_away = cause.open(scene)
    assert take_away is not None
    finding_id = scene.finding(kind)
    scene.close_resolved()
    assert scene.finding(kind) == finding_id
    take_away()
    scene.close_resolved()
    assert_closed(scene, kind, finding_id, str(cause.by_itself))
