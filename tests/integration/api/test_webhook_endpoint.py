"""POST /webhooks/stripe: what is stored, and what is refused without a trace."""

import hmac
import json
import time
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import delete, func, select

from core.settings import DEVELOPMENT_WEBHOOK_SECRET, Settings
from core.webhooks.new_event import LARGEST_BODY
from db.models import Job, WebhookEvent
from tests.support.api_harness import ApiHarness, open_api
from tests.support.purchases import Purchase, paid_event

PATH = "/webhooks/stripe"


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


def signature(body: bytes, secret: str = DEVELOPMENT_WEBHOOK_SECRET, age: float = 0) -> str:
    stamp = int(time.time() - age)
    digest = hmac.digest(secret.encode(), b"%d.%b" % (stamp, body), "sha256").hex()
    return f"t={stamp},v1={digest}"


def deliver(api: ApiHarness, body: bytes, header: str | None = None) -> httpx.Response:
    headers = {"Stripe-Signature": header if header is not None else signature(body)}
    return api.visitor().post(PATH, content=body, headers=headers)


def stored(api: ApiHarness) -> Mapping[str, int]:
    """Deliveries by event id, and a job for each event."""
    with api.sessions.begin() as session:
        rows = session.execute(select(WebhookEvent.event_id, WebhookEvent.deliveries)).all()
        jobs = session.scalar(select(func.count()).select_from(Job).where(Job.kind == "webhooks.process"))
    assert jobs == len(rows)
    return {row.event_id: row.deliveries for row in rows}


def make_body(**changes: object) -> tuple[Purchase, bytes]:
    purchase = Purchase(uuid4(), 49_900)
    return purchase, paid_event(purchase, **changes)


def test_a_signed_event_is_stored_with_its_body_its_data_and_its_job(api: ApiHarness) -> None:
    purchase, body = make_body()
    answer = deliver(api, body)
    assert (answer.status_code, answer.json()) == (200, {"received": True})
    assert stored(api) == {purchase.event_id: 1}
    with api.sessions.begin() as session:
        event = session.scalars(select(WebhookEvent)).one()
    assert event.body.encode() == body
    assert (event.type, event.livemode, event.state) == ("checkout.session.completed", False, "received")
    assert event.data == {
        "kind": "checkout_paid",
        "order_id": str(purchase.order_id),
        "session_id": purchase.session_id,
        "payment_id": purchase.payment_id,
        "amount": 49_900,
        "currency": "SEK",
    }


def test_twenty_concurrent_deliveries_of_one_event_are_stored_once_and_counted(api: ApiHarness) -> None:
    purchase, body = make_body()
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(partial(deliver, api), [body] * 20))
    assert [answer.status_code for answer in answers] == [200] * 20
    assert stored(api) == {purchase.event_id: 20}


def test_concurrent_events_are_each_stored(api: ApiHarness) -> None:
    events = dict(make_body() for _ in range(100))
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(partial(deliver, api), events.values()))
    assert {answer.status_code for answer in answers} == {200}
    assert stored(api) == {purchase.event_id: 1 for purchase in events}


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("", "is missing"),
        ("nonsense", "no timestamp"),
        ("t=1,v1=00", "too old"),
        (None, "too old"),
        ("future", "in the future"),
        ("forged", "no signature matches"),
    ],
)
def test_a_delivery_without_a_valid_signature_is_refused(api: ApiHarness, header: str | None, reason: str) -> None:
    _, body = make_body()
    given = {
        None: signature(body, age=301),
        "future": signature(body, age=-400),
        "forged": signature(body, secret="whsec_other"),
    }.get(header, header)
    answer = deliver(api, body, given)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "signature_invalid"
    assert reason in answer.json()["detail"]
    assert stored(api) == {}


def test_a_body_that_differs_from_the_signed_one_is_refused(api: ApiHarness) -> None:
    _, body = make_body()
    answer = deliver(api, body.replace(b"49900", b"49901"), signature(body))
    assert answer.json()["code"] == "signature_invalid"
    assert stored(api) == {}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"\xff\xfe not text", "body"),
        (b'{"id": "evt_1", "type": "x"', "body"),
        (b"[]", "body"),
        (b"", "body"),
        (b'{"id": 5}', "type"),
        (json.dumps({"id": "evt_1", "type": "a.b", "created": "now"}).encode(), "created"),
        (json.dumps({"id": "evt_1", "type": "a.b", "created": 1, "livemode": 0}).encode(), "livemode"),
        (json.dumps({"id": "evt_1", "type": "a.b", "created": 1, "livemode": False}).encode(), "data.object"),
        (paid_event(Purchase(uuid4(), 1), event_id="e\u0000"), "id"),
        (json.dumps({"id": "evt_1", "type": "a\ud83d"}).encode(), "type"),
        (b'{"id": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "body"),
        (b'{"id": "\\ud83d", "deep": ' + b"[" * 5_000 + b"]" * 5_000 + b"}", "body"),
    ],
)
def test_a_signed_body_that_is_no_event_is_refused_with_its_field(api: ApiHarness, body: bytes, field: str) -> None:
    answer = deliver(api, body)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (400, "event_invalid", field)
    assert stored(api) == {}


def test_a_nul_character_in_an_unused_field_is_stored(api: ApiHarness) -> None:
    purchase, body = make_body(description="a\u0000b")
    assert b"\\u0000" in body
    answers = [deliver(api, body), deliver(api, make_body()[1])]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert purchase.event_id in stored(api)


def test_half_a_surrogate_pair_in_an_unused_field_is_stored_with_the_exact_body(api: ApiHarness) -> None:
    purchase, body = make_body(description="X")
    body = body.replace(b'"X"', b'"\\ud83d"')
    assert b"ud83d" in body
    assert deliver(api, body).status_code == 200
    assert stored(api) == {purchase.event_id: 1}
    with api.sessions.begin() as session:
        event = session.scalars(select(WebhookEvent)).one()
    assert event.body.encode() == body
    assert event.data["kind"] == "checkout_paid"


@pytest.mark.parametrize("announced", [True, False])
def test_an_oversized_body_is_refused(api: ApiHarness, announced: bool) -> None:  # noqa: FBT001 - a parameter of the test
    body = b" " * (LARGEST_BODY + 1)
    content = body if announced else iter([body[: LARGEST_BODY // 2]] * 3)
    answer = api.visitor().post(PATH, content=content, headers={"Stripe-Signature": signature(body)})
    assert (answer.status_code, answer.json()["code"]) == (413, "event_too_large")
    assert stored(api) == {}


def test_other_methods_are_refused(api: ApiHarness) -> None:
    assert api.visitor().get(PATH).json()["code"] == "method_not_allowed"


def test_both_secrets_are_accepted_during_a_rotation(database_url: str) -> None:
    settings = Settings(env="test", database_url=database_url, stripe_webhook_secret="whsec_new, whsec_old")  # pyright: ignore[reportArgumentType] - pydantic makes the secret
    with open_api(settings) as api:
        for secret in ("whsec_old", "whsec_new"):
            _, body = make_body()
            assert deliver(api, body, signature(body, secret)).status_code == 200
        _, body = make_body()
        assert deliver(api, body, signature(body)).status_code == 400


def test_a_delivery_is_answered_503_without_a_database() -> None:
    with open_api(Settings(env="test", database_url="postgresql://nobody@127.0.0.1:1/none")) as api:
        answer = deliver(api, make_body()[1])
    assert (answer.status_code, answer.json()["code"]) == (503, "not_stored")
    assert int(answer.headers["Retry-After"]) > 0
