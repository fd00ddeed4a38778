"""Operators pause and limit kinds and queues, and pause and run schedules."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from core.jobs.schedules import SCHEDULES, install, tick
from db.models import Job
from tests.support.api_harness import ApiHarness, User
from tests.support.jobs import jobs
from tests.support.problems import assert_invalid, assert_problem

REASON = {"reason": "the mail server moves"}


def kind(admin: User, name: str) -> dict[str, Any]:
    (found,) = [one for one in admin.http.get("/admin/kinds").json() if one["kind"] == name]
    return found


def test_kinds_show_their_limits_and_counts(api: ApiHarness, admin: User) -> None:
    due = api.clock() - timedelta(minutes=5)
    api.add(Job(kind="mail.send", run_at=due))
    api.add(Job(kind="mail.send", run_at=api.clock() + timedelta(hours=1)))
    api.add(Job(kind="mail.send", state="dead", finished_at=api.clock()))
    shown = kind(admin, "mail.send")
    assert (shown["pending"], shown["running"], shown["dead"]) == (2, 0, 1)
    assert datetime.fromisoformat(shown["oldest_due_at"]) == due
    assert kind(admin, "audit.seal")["max_running"] == 1
    (queue,) = [one for one in admin.http.get("/admin/queues").json() if one["queue"] == "mail"]
    assert (queue["pending"], queue["dead"], queue["paused"], len(queue["kinds"])) == (2, 1, False, 1)


def test_a_kind_is_paused_and_resumed(admin: User) -> None:
    paused = admin.http.post("/admin/kinds/mail.send/pause", json=REASON).json()
    assert (paused["pause_reason"], paused["paused_at"] is None) == (REASON["reason"], False)
    assert admin.http.post("/admin/kinds/mail.send/resume", json=REASON).json()["paused_at"] is None


def test_a_queue_is_paused_and_resumed_with_all_its_kinds(admin: User) -> None:
    paused = admin.http.post("/admin/queues/payments/pause", json=REASON).json()
    assert paused["paused"]
    assert {one["pause_reason"] for one in paused["kinds"]} == {REASON["reason"]}
    assert not admin.http.post("/admin/queues/payments/resume", json=REASON).json()["paused"]


def test_limits_stay_when_a_release_starts(admin: User, sessions: sessionmaker[Session]) -> None:
    body = {**REASON, "max_running": 3, "max_per_key": 2}
    assert admin.http.put("/admin/kinds/mail.send/limits", json=body).json()["max_running"] == 3
    with sessions.begin() as session:
        install(session)
    shown = kind(admin, "mail.send")
    assert (shown["max_running"], shown["max_per_key"]) == (3, 2)
    unlimited = {**REASON, "max_running": None, "max_per_key": None}
    assert admin.http.put("/admin/kinds/mail.send/limits", json=unlimited).json()["max_running"] is None


@pytest.mark.parametrize("limit", [0, -1, 1.5, "2", 10_001])
def test_a_limit_below_one_is_refused(admin: User, limit: object) -> None:
    body = {**REASON, "max_running": limit, "max_per_key": None}
    assert_invalid(admin.http.put("/admin/kinds/mail.send/limits", json=body), "max_running")


@pytest.mark.parametrize(
    "path", ["kinds/mail.burn/pause", "kinds/mail.burn/resume", "queues/nowhere/pause", "schedules/never/pause"]
)
def test_an_unknown_kind_queue_or_schedule_is_not_found(admin: User, path: str) -> None:
    assert_problem(admin.http.post(f"/admin/{path}", json=REASON), 404, "not_found")


def schedule(admin: User, name: str) -> dict[str, Any]:
    (found,) = [one for one in admin.http.get("/admin/schedules").json() if one["name"] == name]
    return found


def test_a_schedule_runs_now_and_shows_its_last_job(admin: User, sessions: sessionmaker[Session]) -> None:
    assert len(admin.http.get("/admin/schedules").json()) == len(SCHEDULES)
    assert admin.http.post("/admin/schedules/orders-expire/run-now", json=REASON).status_code == 200
    with sessions.begin() as session:
        assert tick(session) == ["orders.expire"]
    shown = schedule(admin, "orders-expire")
    (job,) = jobs(sessions, "orders.expire")
    assert (shown["last_job_id"], shown["last_state"], shown["every_seconds"]) == (str(job.id), "pending", 60)


def test_a_paused_schedule_does_not_tick_until_it_is_resumed(admin: User, sessions: sessionmaker[Session]) -> None:
    admin.http.post("/admin/schedules/orders-expire/run-now", json=REASON)
    paused = admin.http.post("/admin/schedules/orders-expire/pause", json=REASON).json()
    assert paused["paused_at"] is not None
    with sessions.begin() as session:
        assert tick(session) == []
    refused = admin.http.post("/admin/schedules/orders-expire/run-now", json=REASON)
    assert_problem(refused, 409, "schedule_paused")
    assert admin.http.post("/admin/schedules/orders-expire/resume", json=REASON).json()["paused_at"] is None
    with sessions.begin() as session:
        assert tick(session) == ["orders.expire"]
