"""Operators list, show and dismiss findings."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from core.findings.kinds import Kind
from core.findings.open import NewFinding, open_findings
from db.models import AuditEvent, Finding
from tests.support.api_harness import ApiHarness, User
from tests.support.problems import assert_invalid, assert_problem


def opened(api: ApiHarness, *kinds: Kind) -> list[str]:
    with api.sessions.begin() as session:
        open_findings(session, [NewFinding(kind, uuid4(), details={"amount": 100}) for kind in kinds])
        return [str(one) for one in session.scalars(select(Finding.id).order_by(Finding.id.desc()).limit(len(kinds)))]


def test_findings_are_filtered_and_paged(api: ApiHarness, admin: User) -> None:
    opened(api, Kind.JOB_DEAD, Kind.JOB_DEAD, Kind.SECOND_PAYMENT)
    first = admin.http.get("/admin/findings", params={"kind": "job_dead", "state": "open", "limit": 1}).json()
    assert len(first["items"]) == 1
    params = {"kind": "job_dead", "state": "open", "limit": 1, "cursor": first["next_cursor"]}
    second = admin.http.get("/admin/findings", params=params).json()
    assert second["next_cursor"] is None
    assert first["items"][0]["id"] > second["items"][0]["id"]
    assert admin.http.get("/admin/findings", params={"state": "closed"}).json()["items"] == []
    later = {"since": "2100-01-01T00:00:00Z"}
    assert admin.http.get("/admin/findings", params=later).json()["items"] == []


def test_a_finding_says_what_it_means_and_what_can_be_done(api: ApiHarness, admin: User) -> None:
    (finding,) = opened(api, Kind.CLOSED_ORDER_PAID)
    shown = admin.http.get(f"/admin/findings/{finding}").json()
    assert (shown["subject"], shown["actions"]) == ("payment", ["accept", "refund", "dismiss"])
    assert shown["meaning"].startswith("A cancelled order was paid")


def test_a_finding_is_dismissed_once_with_a_reason(api: ApiHarness, admin: User) -> None:
    (finding,) = opened(api, Kind.JOB_DEAD)
    path = f"/admin/findings/{finding}/dismiss"
    answer = admin.http.post(path, json={"reason": " replayed by hand "})
    shown = answer.json()
    assert (shown["resolution"], shown["close_reason"], shown["closed_by"]) == (
        "dismissed",
        "replayed by hand",
        str(admin.id),
    )
    assert_problem(admin.http.post(path, json={"reason": "again"}), 409, "finding_closed")
    with api.sessions() as session:
        (entry,) = session.scalars(select(AuditEvent).where(AuditEvent.tag == "findings:finding:closed"))
    assert (entry.actor_id, entry.data["request_id"]) == (admin.id, answer.headers["x-request-id"])


def test_a_repeated_dismissal_under_one_key_gets_the_first_answer(api: ApiHarness, admin: User) -> None:
    (finding,) = opened(api, Kind.JOB_DEAD)
    headers, body = {"Idempotency-Key": uuid4().hex}, {"reason": "done"}
    answers = [admin.http.post(f"/admin/findings/{finding}/dismiss", json=body, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[1].headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_an_action_needs_a_reason(api: ApiHarness, admin: User, reason: str) -> None:
    (finding,) = opened(api, Kind.JOB_DEAD)
    answer = admin.http.post(f"/admin/findings/{finding}/dismiss", json={"reason": reason})
    assert_invalid(answer, "reason")


def test_an_unknown_action_names_the_allowed_ones(api: ApiHarness, admin: User) -> None:
    (finding,) = opened(api, Kind.JOB_DEAD)
    answer = admin.http.post(f"/admin/findings/{finding}/explode", json={"reason": "x"})
    assert_invalid(answer, "action", "dismiss")


@pytest.mark.parametrize(
    ("params", "field", "allowed"),
    [
        ({"kind": "gremlin"}, "kind", "second_payment"),
        ({"state": "ajar"}, "state", "'open' or 'closed'"),
        ({"colour": "red"}, "query", "order_id"),
        ({"since": "yesterday"}, "since", "datetime"),
        ({"limit": "0"}, "limit", "greater than or equal to 1"),
        ({"cursor": "%"}, "cursor", "first page"),
    ],
)
def test_an_unknown_filter_or_value_names_what_is_allowed(
    admin: User, params: dict[str, str], field: str, allowed: str
) -> None:
    answer = admin.http.get("/admin/findings", params=params)
    assert_invalid(answer, field, allowed)


def test_an_unknown_finding_is_not_found(admin: User) -> None:
    assert_problem(admin.http.get(f"/admin/findings/{uuid4()}"), 404, "not_found")
    assert_problem(admin.http.post(f"/admin/findings/{uuid4()}/dismiss", json={"reason": "x"}), 404, "not_found")
