from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from core.settings import Settings
from db.models import Finding, Job, JobKind, WebhookEvent
from db.revision import NEWEST, REVISIONS
from tests.support.api_harness import ApiHarness, open_api
from tests.support.problems import assert_problem
from workers.listener import Listener

_UNREACHABLE = "postgresql://app@127.0.0.1:1/aula"


@pytest.fixture
def relay(api: ApiHarness) -> Iterator[None]:
    """The LISTEN connection that marks a running relay."""
    listener = Listener(api.settings.database_url)
    yield
    listener.close()


@pytest.fixture(autouse=True)
def _kind(api: ApiHarness) -> None:  # pyright: ignore[reportUnusedFunction] - pytest uses it
    with api.sessions.begin() as session:
        session.merge(JobKind(kind="mail.send", queue="mail"))


def test_healthz_is_ok(api: ApiHarness) -> None:
    assert api.visitor().get("/healthz").json() == {"status": "ok"}


@pytest.mark.usefixtures("relay")
def test_readyz_is_ready_with_a_relay_and_an_empty_queue(api: ApiHarness) -> None:
    answer = api.visitor().get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    assert answer.json()["relay"] is True


def test_readyz_is_not_ready_without_a_relay(api: ApiHarness) -> None:
    answer = api.visitor().get("/readyz")
    assert (answer.status_code, answer.json()["relay"]) == (503, False)


@pytest.mark.usefixtures("relay")
@pytest.mark.parametrize(("revision", "status"), [(REVISIONS[-2], 503), (NEWEST, 200), ("999_of_a_later_release", 200)])
def test_readyz_is_not_ready_on_the_schema_of_an_older_release(api: ApiHarness, revision: str, status: int) -> None:
    at = text("update public.alembic_version set version_num = :revision")
    with api.sessions.begin() as session:
        session.execute(at, {"revision": revision})
    answer = api.visitor().get("/readyz")
    with api.sessions.begin() as session:
        session.execute(at, {"revision": NEWEST})
    assert (answer.status_code, answer.json()["migrated"]) == (status, status == 200)


def test_readyz_is_not_ready_before_the_first_migration(empty_database_url: str) -> None:
    with open_api(Settings(env="test", database_url=empty_database_url)) as api:
        answer = api.visitor().get("/readyz")
    assert (answer.status_code, answer.json()["database"], answer.json()["migrated"]) == (503, True, False)


@pytest.mark.usefixtures("relay")
@pytest.mark.parametrize(("waited", "status"), [(50, 200), (70, 503)])
def test_readyz_is_not_ready_when_a_due_job_is_not_claimed(api: ApiHarness, waited: int, status: int) -> None:
    job = api.add(Job(kind="mail.send", run_at=api.clock() - timedelta(seconds=waited)))
    answer = api.visitor().get("/readyz")
    assert (answer.status_code, round(answer.json()["oldest_due_job"], -1)) == (status, waited)
    _remove(api, job)


@pytest.mark.usefixtures("relay")
def test_readyz_ignores_paused_and_future_jobs(api: ApiHarness) -> None:
    api.add(JobKind(kind="paused.kind", queue="mail", paused_at=api.clock(), pause_reason="A test."))
    paused = api.add(Job(kind="paused.kind", run_at=api.clock() - timedelta(hours=1)))
    future = api.add(Job(kind="mail.send", run_at=api.clock() + timedelta(days=1)))
    answer = api.visitor().get("/readyz")
    assert (answer.status_code, answer.json()["oldest_due_job"]) == (200, None)
    _remove(api, paused, future)


@pytest.mark.usefixtures("relay")
@pytest.mark.parametrize(("waited", "status"), [(50, 200), (70, 503)])
def test_readyz_is_not_ready_when_an_event_is_not_processed(api: ApiHarness, waited: int, status: int) -> None:
    at = api.clock() - timedelta(seconds=waited)
    event = api.add(
        WebhookEvent(provider="stripe", event_id="evt", type="x", occurred_at=at, body="{}", received_at=at)
    )
    answer = api.visitor().get("/readyz")
    assert (answer.status_code, round(answer.json()["oldest_unprocessed_event"], -1)) == (status, waited)
    _remove(api, event)


@pytest.mark.usefixtures("relay")
def test_readyz_ignores_events_while_processing_is_paused(api: ApiHarness) -> None:
    at = api.clock() - timedelta(hours=1)
    api.add(JobKind(kind="webhooks.process", queue="webhooks", paused_at=at, pause_reason="A test."))
    event = api.add(
        WebhookEvent(provider="stripe", event_id="evt", type="x", occurred_at=at, body="{}", received_at=at)
    )
    answer = api.visitor().get("/readyz")
    assert (answer.status_code, answer.json()["oldest_unprocessed_event"]) == (200, None)
    _remove(api, event)


def test_healthz_is_ok_and_readyz_is_not_ready_without_a_database() -> None:
    with open_api(Settings(env="test", database_url=_UNREACHABLE)) as api:
        assert api.visitor().get("/healthz").status_code == 200
        answer = api.visitor().get("/readyz")
        assert (answer.status_code, answer.json()["database"]) == (503, False)
        refused = api.visitor().get("/courses")
        assert_problem(refused, 503, "unavailable")
        assert refused.headers["retry-after"] == "5"


def _remove(api: ApiHarness, *rows: Job | WebhookEvent) -> None:
    with api.sessions.begin() as session:
        for row in rows:
            session.delete(row)


@pytest.mark.usefixtures("relay")
def test_readyz_counts_open_findings_and_stays_ready(api: ApiHarness) -> None:
    before = api.visitor().get("/readyz").json()["open_findings"]
    api.add(Finding(kind="money_ignored", subject_id=uuid4()))
    closed = {"closed_at": api.clock(), "resolution": "dismissed"}
    api.add(Finding(kind="money_ignored", subject_id=uuid4(), **closed))
    answer = api.visitor().get("/readyz")
    assert (answer.status_code, answer.json()["open_findings"]) == (200, before + 1)
