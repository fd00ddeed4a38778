"""POST /me/export: an archive has everything that is kept about its owner, nothing secret, and nothing of others."""

import json
import re
from datetime import timedelta
from functools import partial
from io import BytesIO
from typing import Any, Final
from uuid import UUID
from zipfile import ZipFile

import pytest

from core.maintenance.prune import prune_rows
from core.messages import ExportData
from core.privacy.export import ASK_AGAIN_AFTER
from core.retention import Retention
from db.models import Base, Post
from db.queries import source
from tests.support.accounts import PASSWORD, Account, register_account
from tests.support.api_harness import ApiHarness
from tests.support.concurrency import run_concurrently
from tests.support.jobs import do, jobs, value
from tests.support.problems import assert_problem
from tests.support.workers import run_due

# Tables that name a person and are left out, each with its reason.
LEFT_OUT: Final = {
    "exports": "the archive itself",
    "findings": "what an operator decided, which the log has",
    "one_time_tokens": "links that were mailed, for a day",
    "refresh_tokens": "hashes of secrets; their sessions are in the archive",
    "replays": "what an operator started, which the log has",
    "idempotency_keys": "answers that were sent already, kept for two days",
}


@pytest.fixture
def account(api: ApiHarness) -> Account:
    account = register_account(api)
    account.http.headers.update(account.headers)
    return account


def ask(account: Account) -> dict[str, Any]:
    answer = account.http.post("/me/export")
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == "/me/export"
    return answer.json()


def archive_of(account: Account) -> dict[str, Any]:
    """The files of the archive, made by its job."""
    ask(account)
    run_due(account.api.sessions)
    answer = account.http.get("/me/export/archive")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    with ZipFile(BytesIO(answer.content)) as archive:
        return {
            name.removesuffix(".json"): json.loads(archive.read(name))
            for name in archive.namelist()
            if name.endswith(".json")
        }


@pytest.mark.usefixtures("in_process")
def test_an_archive_has_the_owners_data_and_no_secret(api: ApiHarness, account: Account) -> None:
    stranger = api.user("teacher")
    placed = account.http.post("/orders", json={"items": [api.course()]}).json()
    api.add(Post(author_id=account.id, body="Words of the owner"))
    api.add(Post(author_id=stranger.id, body="Words of a stranger"))
    files = archive_of(account)
    assert files["profile"]["email"] == account.email
    assert [order["id"] for order in files["orders"]] == [placed["id"]]
    assert files["orders"][0]["items"][0]["title"] == "Oils"
    assert [post["body"] for post in files["posts"]] == ["Words of the owner"]
    text = json.dumps(files)
    assert "Words of a stranger" not in text
    assert stranger.email not in text
    assert re.findall(r"[\w]*(?:hash|secret|token_hash)[\w]*", text) == []


@pytest.mark.usefixtures("in_process")
def test_an_archive_is_ready_after_its_job_and_expires(api: ApiHarness, account: Account) -> None:
    assert_problem(account.http.get("/me/export"), 404, "not_found")
    assert ask(account)["state"] == "building"
    assert_problem(account.http.get("/me/export/archive"), 404, "not_found")
    run_due(api.sessions)
    assert account.http.get("/me/export").json()["state"] == "ready"
    assert value(api.sessions, "select count(*) from app.mail_messages where template = 'export_ready' "
                 "and profile_id = :id", id=account.id) == 1  # fmt: skip
    do(api.sessions, "update app.exports set expires_at = now() where profile_id = :id", id=account.id)
    assert_problem(account.http.get("/me/export/archive"), 404, "not_found")
    with api.sessions.begin() as session:
        prune_rows(session, "exports", api.clock() + timedelta(seconds=1), Retention())
    assert_problem(account.http.get("/me/export"), 404, "not_found")


def test_an_archive_that_is_being_made_is_not_made_twice(api: ApiHarness, account: Account) -> None:
    do(api.sessions, "delete from app.jobs")
    first = {answer["id"] for answer in run_concurrently(partial(ask, account), partial(ask, account))}
    assert len(first) == 1
    assert [job.kind for job in jobs(api.sessions) if job.kind == ExportData.kind] == [ExportData.kind]


@pytest.mark.usefixtures("in_process")
def test_an_archive_can_be_asked_for_again_after_a_while(api: ApiHarness, account: Account) -> None:
    first = ask(account)
    run_due(api.sessions)
    refused = account.http.post("/me/export")
    assert_problem(refused, 429, "export_too_soon")
    assert 0 < int(refused.headers["retry-after"]) <= ASK_AGAIN_AFTER.total_seconds()
    do(api.sessions, "update app.exports set requested_at = requested_at - interval '1 hour'")
    assert ask(account)["id"] != first["id"]


@pytest.mark.usefixtures("in_process")
def test_an_erasure_deletes_the_archive_and_a_late_job_makes_none(api: ApiHarness, account: Account) -> None:
    ask(account)
    assert account.http.request("DELETE", "/me", json={"password": PASSWORD}).status_code == 204
    run_due(api.sessions)
    assert value(api.sessions, "select count(*) from app.exports where profile_id = :id", id=account.id) == 0


def test_every_table_that_names_a_person_is_in_the_archive() -> None:
    statement = source("privacy/export")
    naming = {
        table.name
        for table in Base.metadata.sorted_tables
        if table.name == "profiles" or any(key.column.table.name == "profiles" for key in table.foreign_keys)
    }
    assert sorted(name for name in naming if f"from app.{name} " not in statement) == sorted(LEFT_OUT)


def test_an_archive_is_for_its_owner_alone(api: ApiHarness, account: Account) -> None:
    ask(account)
    other = api.user()
    assert_problem(other.http.get("/me/export"), 404, "not_found")
    assert_problem(other.http.get("/me/export/archive"), 404, "not_found")
    assert_problem(api.visitor().get("/me/export/archive"), 401, "unauthorized")
    assert UUID(account.http.get("/me/export").json()["id"])
