from collections.abc import Iterator
from datetime import timedelta

import pytest

from core.settings import Settings
from db.models import Job, JobKind, WebhookEvent
from tests.integration.answers import problem
from tests.integration.orders.shop import Shop, open_shop
from workers.listener import Listener

_UNREACHABLE = "postgresql://app@127.0.0.1:1/aula"


@pytest.fixture
def relay(shop: Shop) -> Iterator[None]:
    """A relay's ear."""
    listener = Listener(shop.settings.database_url)
    yield
    listener.close()


@pytest.fixture(autouse=True)
def _kind(shop: Shop) -> None:  # pyright: ignore[reportUnusedFunction] - pytest uses it
    with shop.sessions.begin() as session:
        session.merge(JobKind(kind="mail.send", queue="mail"))


def test_alive(shop: Shop) -> None:
    assert shop.visitor().get("/healthz").json() == {"status": "ok"}


@pytest.mark.usefixtures("relay")
def test_ready_with_a_relay_and_nothing_waiting(shop: Shop) -> None:
    answer = shop.visitor().get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    assert answer.json()["relay"] is True


def test_not_ready_without_a_relay(shop: Shop) -> None:
    answer = shop.visitor().get("/readyz")
    assert (answer.status_code, answer.json()["relay"]) == (503, False)


@pytest.mark.usefixtures("relay")
@pytest.mark.parametrize(("waited", "status"), [(50, 200), (70, 503)])
def test_a_job_that_nobody_claims_makes_it_not_ready(shop: Shop, waited: int, status: int) -> None:
    job = shop.add(Job(kind="mail.send", run_at=shop.clock() - timedelta(seconds=waited)))
    answer = shop.visitor().get("/readyz")
    assert (answer.status_code, round(answer.json()["oldest_due_job"], -1)) == (status, waited)
    _remove(shop, job)


@pytest.mark.usefixtures("relay")
def test_a_paused_job_and_one_of_tomorrow_wait_on_purpose(shop: Shop) -> None:
    shop.add(JobKind(kind="paused.kind", queue="mail", paused_at=shop.clock(), pause_reason="A test."))
    paused = shop.add(Job(kind="paused.kind", run_at=shop.clock() - timedelta(hours=1)))
    future = shop.add(Job(kind="mail.send", run_at=shop.clock() + timedelta(days=1)))
    answer = shop.visitor().get("/readyz")
    assert (answer.status_code, answer.json()["oldest_due_job"]) == (200, None)
    _remove(shop, paused, future)


@pytest.mark.usefixtures("relay")
@pytest.mark.parametrize(("waited", "status"), [(50, 200), (70, 503)])
def test_an_event_that_nobody_processes_makes_it_not_ready(shop: Shop, waited: int, status: int) -> None:
    at = shop.clock() - timedelta(seconds=waited)
    event = shop.add(
        WebhookEvent(provider="stripe", event_id="evt", type="x", occurred_at=at, body="{}", received_at=at)
    )
    answer = shop.visitor().get("/readyz")
    assert (answer.status_code, round(answer.json()["oldest_unprocessed_event"], -1)) == (status, waited)
    _remove(shop, event)


@pytest.mark.usefixtures("relay")
def test_an_event_waits_on_purpose_while_processing_is_paused(shop: Shop) -> None:
    at = shop.clock() - timedelta(hours=1)
    shop.add(JobKind(kind="webhooks.process", queue="webhooks", paused_at=at, pause_reason="A test."))
    event = shop.add(
        WebhookEvent(provider="stripe", event_id="evt", type="x", occurred_at=at, body="{}", received_at=at)
    )
    answer = shop.visitor().get("/readyz")
    assert (answer.status_code, answer.json()["oldest_unprocessed_event"]) == (200, None)
    _remove(shop, event)


def test_alive_and_not_ready_without_a_database() -> None:
    with open_shop(Settings(env="test", database_url=_UNREACHABLE)) as shop:
        assert shop.visitor().get("/healthz").status_code == 200
        answer = shop.visitor().get("/readyz")
        assert (answer.status_code, answer.json()["database"]) == (503, False)
        refused = shop.visitor().get("/courses")
        problem(refused, 503, "unavailable")
        assert refused.headers["retry-after"] == "5"


def _remove(shop: Shop, *rows: Job | WebhookEvent) -> None:
    with shop.sessions.begin() as session:
        for row in rows:
            session.delete(row)
