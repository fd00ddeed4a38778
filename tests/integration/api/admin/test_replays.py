"""Operators start, watch, pause and cancel replays of many."""

from typing import Any
from uuid import uuid4

import pytest

from db.models import Job
from tests.support.api_harness import ApiHarness, User
from tests.support.problems import assert_invalid, assert_problem

BODY: dict[str, Any] = {"jobs": {"kind": "mail.send"}, "reason": "the mail server is back"}


def dead_mails(api: ApiHarness, count: int) -> None:
    with api.sessions.begin() as session:
        session.add_all(Job(kind="mail.send", state="dead", finished_at=api.clock()) for _ in range(count))


def test_a_dry_run_counts_and_a_start_is_confirmed_by_the_count(api: ApiHarness, admin: User) -> None:
    dead_mails(api, 120)
    dry = admin.http.post("/admin/replays", json={**BODY, "dry_run": True})
    assert (dry.status_code, dry.json()["count"], len(dry.json()["sample"])) == (200, 120, 10)
    refused = assert_problem(admin.http.post("/admin/replays", json=BODY), 409, "replay_unconfirmed")
    assert (refused["count"], refused["field"]) == (120, "expected_count")
    answer = admin.http.post("/admin/replays", json={**BODY, "expected_count": 120})
    assert answer.status_code == 201
    shown = admin.http.get(answer.headers["location"]).json()
    assert (shown["state"], shown["expected"], shown["replayed"], shown["created_by"]) == (
        "running",
        120,
        0,
        str(admin.id),
    )
    assert shown["filter"] == {"kind": "mail.send"}
    assert admin.http.get("/admin/replays").json()["items"][0]["id"] == shown["id"]


def test_a_replay_is_paused_resumed_and_cancelled(api: ApiHarness, admin: User) -> None:
    dead_mails(api, 2)
    path = admin.http.post("/admin/replays", json=BODY).headers["location"]
    got = [
        admin.http.post(f"{path}/{action}", json={"reason": "x"}).json()["state"]
        for action in ("pause", "resume", "cancel")
    ]
    assert got == ["paused", "running", "cancelled"]
    assert_problem(admin.http.post(f"{path}/pause", json={"reason": "x"}), 409, "replay_ended")


def test_a_start_under_one_key_starts_one_replay(api: ApiHarness, admin: User) -> None:
    dead_mails(api, 2)
    headers = {"Idempotency-Key": uuid4().hex}
    answers = [admin.http.post("/admin/replays", json=BODY, headers=headers).json()["id"] for _ in range(2)]
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("body", "field", "allowed"),
    [
        ({"reason": "x"}, "body", "exactly one of webhooks, jobs"),
        ({**BODY, "webhooks": {}}, "body", "exactly one of webhooks, jobs"),
        ({**BODY, "rate": 0}, "rate", "greater than or equal to 1"),
        ({**BODY, "rate": 1001}, "rate", "less than or equal to 1000"),
        ({**BODY, "limit": -1}, "limit", "greater than or equal to 1"),
        ({**BODY, "jobs": {"colour": "red"}}, "jobs", "subject_id"),
        ({**BODY, "jobs": {"state": "pending"}}, "jobs.state", "dead"),
        ({"jobs": {}}, "reason", "required"),
    ],
)
def test_a_wrong_request_names_what_is_allowed(admin: User, body: object, field: str, allowed: str) -> None:
    assert_invalid(admin.http.post("/admin/replays", json=body), field, allowed)


@pytest.mark.parametrize("action", ["pause", "resume", "cancel"])
def test_an_unknown_replay_is_not_found(admin: User, action: str) -> None:
    assert_problem(admin.http.post(f"/admin/replays/{uuid4()}/{action}", json={"reason": "x"}), 404, "not_found")
    assert_problem(admin.http.get(f"/admin/replays/{uuid4()}"), 404, "not_found")
