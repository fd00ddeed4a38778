"""Operators look for jobs, cancel them, run them now and replay them."""

from datetime import timedelta
from uuid import uuid4

import pytest

from db.models import Job, JobAttempt
from tests.support.api_harness import ApiHarness, User
from tests.support.jobs import job as job_row
from tests.support.problems import assert_invalid, assert_problem

REASON = {"reason": "asked for by the buyer"}


def dead(api: ApiHarness, error: str = "KeyError: amount", **values: object) -> Job:
    row = Job(kind="orders.fulfil", state="dead", finished_at=api.clock(), last_error=error, **values)
    return api.add(row)


def found(admin: User, **params: object) -> list[str]:
    answer = admin.http.get("/admin/jobs", params={name: str(value) for name, value in params.items()})
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["items"]]


def test_jobs_are_found_by_state_kind_queue_subject_person_error_and_age(api: ApiHarness, admin: User) -> None:
    order, cause = uuid4(), uuid4()
    wanted = dead(api, "no 100% match", payload={"v": 1, "order_id": str(order)}, profile_id=admin.id, cause_id=cause)
    dead(api)
    api.add(Job(kind="mail.send", payload={"v": 1, "mail_id": str(uuid4())}))
    (one,) = [str(wanted.id)]
    assert found(admin, subject_id=order) == [one]
    assert found(admin, cause_id=cause) == [one]
    assert found(admin, profile_id=admin.id) == [one]
    assert found(admin, error="NO 100% M") == [one]
    assert found(admin, error="no_100") == []
    assert len(found(admin, state="dead")) == 2
    assert len(found(admin, kind="mail.send")) == len(found(admin, queue="mail")) == 1
    assert found(admin, until=(wanted.created_at - timedelta(seconds=1)).isoformat()) == []


@pytest.mark.parametrize(
    ("params", "field", "allowed"),
    [
        ({"state": "undead"}, "state", "'dead'"),
        ({"kind": "mail.burn"}, "kind", "mail.send"),
        ({"queue": "nowhere"}, "queue", "webhooks"),
        ({"error": "ab"}, "error", "at least 3 characters"),
        ({"subject_id": "7"}, "subject_id", "UUID"),
        ({"since": "2026-01-01T00:00:00"}, "since", "timezone"),
    ],
)
def test_an_unknown_value_of_a_filter_names_what_is_allowed(
    admin: User, params: dict[str, str], field: str, allowed: str
) -> None:
    answer = admin.http.get("/admin/jobs", params=params)
    assert_invalid(answer, field, allowed)


def test_a_job_shows_its_attempts_and_a_payload_without_secrets(api: ApiHarness, admin: User) -> None:
    job = dead(api, payload={"v": 1, "order_id": "1", "client_secret": "cs_live", "inner": {"api_key": "sk_live"}})
    api.add(JobAttempt(job_id=job.id, lease_version=1, error="first"))
    api.add(JobAttempt(job_id=job.id, lease_version=2, error="second"))
    answer = admin.http.get(f"/admin/jobs/{job.id}")
    shown = answer.json()
    assert [attempt["error"] for attempt in shown["failed_attempts"]] == ["first", "second"]
    assert shown["payload"]["order_id"] == "1"
    assert "cs_live" not in answer.text
    assert "sk_live" not in answer.text
    assert "cs_live" not in admin.http.get("/admin/jobs").text


def test_a_dead_job_is_replayed_and_cancelled(api: ApiHarness, admin: User) -> None:
    job = dead(api)
    assert admin.http.post(f"/admin/jobs/{job.id}/replay", json=REASON).json()["state"] == "pending"
    assert admin.http.post(f"/admin/jobs/{job.id}/cancel", json=REASON).json()["state"] == "cancelled"
    entries = admin.http.get("/admin/audit", params={"subject_id": str(job.id)}).json()["items"]
    said = [(entry["tag"], entry["actor_id"], entry["data"]["reason"]) for entry in entries if "job:" in entry["tag"]]
    assert said == [
        ("jobs:job:cancelled", str(admin.id), REASON["reason"]),
        ("jobs:job:replayed", str(admin.id), REASON["reason"]),
    ]


def test_a_job_that_waits_for_a_later_time_is_run_now(api: ApiHarness, admin: User) -> None:
    job = api.add(Job(kind="mail.send", run_at=api.clock() + timedelta(hours=1)))
    assert admin.http.post(f"/admin/jobs/{job.id}/run-now", json=REASON).status_code == 200
    assert job_row(api.sessions, job.id).run_at < api.clock() + timedelta(minutes=1)


def test_a_finished_job_is_not_run_now(api: ApiHarness, admin: User) -> None:
    job = dead(api)
    answer = admin.http.post(f"/admin/jobs/{job.id}/run-now", json=REASON).json()
    assert (answer["state"], job_row(api.sessions, job.id).run_at) == ("dead", job.run_at)
    assert admin.http.get("/admin/audit", params={"subject_id": str(job.id)}).json()["items"] == []


@pytest.mark.parametrize("action", ["cancel", "replay", "run-now"])
def test_an_unknown_job_is_not_found(admin: User, action: str) -> None:
    assert_problem(admin.http.post(f"/admin/jobs/{uuid4()}/{action}", json=REASON), 404, "not_found")
    assert_problem(admin.http.get(f"/admin/jobs/{uuid4()}"), 404, "not_found")
