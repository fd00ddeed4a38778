"""POST /webhooks/livekit: what is stored, and what is refused without a trace."""

import base64
import hashlib
from collections.abc import Generator
from uuid import uuid4

import httpx
import orjson
import pytest
from livekit.api import AccessToken
from sqlalchemy import delete, select

from core.settings import DEVELOPMENT_LIVEKIT_SECRET, Settings
from core.webhooks.new_event import LARGEST_BODY
from db.models import Job, WebhookEvent
from tests.support.api_harness import ApiHarness, open_api
from tests.support.problems import assert_problem
from tests.support.room_events import room_body


@pytest.fixture(scope="module")
def module_api(database_url: str) -> Generator[ApiHarness]:
    with open_api(Settings(env="test", database_url=database_url)) as api:
        yield api


@pytest.fixture
def api(module_api: ApiHarness) -> ApiHarness:
    with module_api.sessions.begin() as session:
        session.execute(delete(WebhookEvent))
        session.execute(delete(Job).where(Job.kind == "webhooks.process"))
    return module_api


def body_of(api: ApiHarness, **values: object) -> bytes:
    return orjson.dumps({**room_body("participant_joined", uuid4(), uuid4(), api.clock()), **values})


def deliver(
    api: ApiHarness, body: bytes, *, signed: bytes | None = None, secret: str = DEVELOPMENT_LIVEKIT_SECRET
) -> httpx.Response:
    digest = base64.b64encode(hashlib.sha256(body if signed is None else signed).digest()).decode()
    token = AccessToken("devkey", secret).with_sha256(digest).to_jwt()
    headers = {"Authorization": token, "Content-Type": "application/webhook+json"}
    return api.visitor().post("/webhooks/livekit", content=body, headers=headers)


def stored(api: ApiHarness) -> list[tuple[str, str, int]]:
    with api.sessions() as session:
        rows = session.execute(select(WebhookEvent.provider, WebhookEvent.event_id, WebhookEvent.deliveries))
        return [(row.provider, row.event_id, row.deliveries) for row in rows]


def test_an_event_is_stored_with_one_job_however_often_it_comes(api: ApiHarness) -> None:
    body = body_of(api, id="EV_1")
    assert [deliver(api, body).status_code for _ in range(3)] == [200, 200, 200]
    assert stored(api) == [("livekit", "EV_1", 3)]
    with api.sessions() as session:
        assert len(session.scalars(select(Job).where(Job.kind == "webhooks.process")).all()) == 1


def test_an_event_of_stripe_with_the_same_id_is_another_one(api: ApiHarness) -> None:
    with api.sessions.begin() as session:
        event = {"provider": "stripe", "event_id": "EV_1", "type": "a.b", "occurred_at": api.clock(), "body": "{}"}
        session.add(WebhookEvent(**event))
    deliver(api, body_of(api, id="EV_1"))
    assert sorted(stored(api)) == [("livekit", "EV_1", 1), ("stripe", "EV_1", 1)]


def test_a_forged_or_changed_delivery_is_refused(api: ApiHarness) -> None:
    body = body_of(api)
    for answer in (deliver(api, body, secret=DEVELOPMENT_LIVEKIT_SECRET[::-1]), deliver(api, body, signed=b"{}")):
        assert_problem(answer, 400, "signature_invalid")
    bare = api.visitor().post("/webhooks/livekit", content=body)
    assert assert_problem(bare, 400, "signature_invalid")["field"] == "Authorization"
    assert stored(api) == []


def test_a_body_that_is_no_event_is_refused_by_name(api: ApiHarness) -> None:
    assert assert_problem(deliver(api, body_of(api, id=7)), 400, "event_invalid")["field"] == "id"
    assert_problem(deliver(api, b" " * (LARGEST_BODY + 1)), 413, "event_too_large")
    assert stored(api) == []
