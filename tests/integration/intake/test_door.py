"""The webhook's door over HTTP: what is let in, what is refused and why, and that nothing refused leaves a trace."""

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
from core.webhooks.parse import LARGEST_BODY
from db.models import Job, WebhookEvent
from tests.integration.orders.shop import Shop, open_shop
from tests.support.purchases import Purchase, paid_event

PATH = "/webhooks/stripe"


@pytest.fixture(scope="module")
def opened_shop(database_url: str) -> Generator[Shop]:
    with open_shop(Settings(env="test", database_url=database_url)) as shop:
        yield shop


@pytest.fixture
def shop(opened_shop: Shop) -> Shop:
    with opened_shop.sessions.begin() as session:
        session.execute(delete(WebhookEvent))
        session.execute(delete(Job).where(Job.kind == "webhooks.process"))
    return opened_shop


def signature(body: bytes, secret: str = DEVELOPMENT_WEBHOOK_SECRET, age: float = 0) -> str:
    stamp = int(time.time() - age)
    digest = hmac.digest(secret.encode(), b"%d.%b" % (stamp, body), "sha256").hex()
    return f"t={stamp},v1={digest}"


def deliver(shop: Shop, body: bytes, header: str | None = None) -> httpx.Response:
    headers = {"Stripe-Signature": header if header is not None else signature(body)}
    return shop.visitor().post(PATH, content=body, headers=headers)


def stored(shop: Shop) -> Mapping[str, int]:
    """Deliveries by event id, and a job for each event."""
    with shop.sessions.begin() as session:
        rows = session.execute(select(WebhookEvent.event_id, WebhookEvent.deliveries)).all()
        jobs = session.scalar(select(func.count()).select_from(Job).where(Job.kind == "webhooks.process"))
    assert jobs == len(rows)
    return {row.event_id: row.deliveries for row in rows}


def some_event(**changes: object) -> tuple[Purchase, bytes]:
    purchase = Purchase(uuid4(), 49_900)
    return purchase, paid_event(purchase, **changes)


def test_a_signed_event_is_stored_as_it_came_with_its_fact_and_its_job(shop: Shop) -> None:
    purchase, body = some_event()
    answer = deliver(shop, body)
    assert (answer.status_code, answer.json()) == (200, {"received": True})
    assert stored(shop) == {purchase.event_id: 1}
    with shop.sessions.begin() as session:
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


def test_an_event_that_comes_twenty_times_at_once_is_stored_once_and_counted(shop: Shop) -> None:
    purchase, body = some_event()
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(partial(deliver, shop), [body] * 20))
    assert [answer.status_code for answer in answers] == [200] * 20
    assert stored(shop) == {purchase.event_id: 20}


def test_many_events_at_once_are_each_stored(shop: Shop) -> None:
    events = dict(some_event() for _ in range(100))
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(partial(deliver, shop), events.values()))
    assert {answer.status_code for answer in answers} == {200}
    assert stored(shop) == {purchase.event_id: 1 for purchase in events}


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("", "no timestamp"),
        ("nonsense", "no timestamp"),
        ("t=1,v1=00", "too old"),
        (None, "too old"),
        ("future", "in the future"),
        ("forged", "no signature matches"),
    ],
)
def test_a_delivery_that_proves_nothing_is_refused(shop: Shop, header: str | None, reason: str) -> None:
    _, body = some_event()
    given = {
        None: signature(body, age=301),
        "future": signature(body, age=-400),
        "forged": signature(body, secret="whsec_other"),
    }.get(header, header)
    answer = deliver(shop, body, given)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "signature_invalid"
    assert reason in answer.json()["detail"]
    assert stored(shop) == {}


def test_a_body_changed_by_one_byte_is_refused(shop: Shop) -> None:
    _, body = some_event()
    answer = deliver(shop, body.replace(b"49900", b"49901"), signature(body))
    assert answer.json()["code"] == "signature_invalid"
    assert stored(shop) == {}


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
    ],
)
def test_a_signed_body_that_is_no_event_is_refused_and_names_the_field(shop: Shop, body: bytes, field: str) -> None:
    answer = deliver(shop, body)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (400, "event_invalid", field)
    assert stored(shop) == {}


def test_a_nul_in_a_field_that_is_not_used_is_stored_as_it_came(shop: Shop) -> None:
    purchase, body = some_event(description="a\u0000b")
    assert b"\\u0000" in body
    answers = [deliver(shop, body), deliver(shop, some_event()[1])]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert purchase.event_id in stored(shop)


@pytest.mark.parametrize("announced", [True, False])
def test_an_oversized_body_is_refused(shop: Shop, announced: bool) -> None:  # noqa: FBT001 - a parameter of the test
    body = b" " * (LARGEST_BODY + 1)
    content = body if announced else iter([body[: LARGEST_BODY // 2]] * 3)
    answer = shop.visitor().post(PATH, content=content, headers={"Stripe-Signature": signature(body)})
    assert (answer.status_code, answer.json()["code"]) == (413, "event_too_large")
    assert stored(shop) == {}


def test_other_methods_are_refused(shop: Shop) -> None:
    assert shop.visitor().get(PATH).json()["code"] == "method_not_allowed"


def test_while_a_secret_is_rotated_both_are_good(database_url: str) -> None:
    settings = Settings(env="test", database_url=database_url, stripe_webhook_secret="whsec_old,whsec_new")  # pyright: ignore[reportArgumentType] - pydantic makes the secret
    with open_shop(settings) as shop:
        for secret in ("whsec_old", "whsec_new"):
            _, body = some_event()
            assert deliver(shop, body, signature(body, secret)).status_code == 200
        _, body = some_event()
        assert deliver(shop, body, signature(body)).status_code == 400


def test_without_a_database_the_far_side_is_asked_to_come_again() -> None:
    with open_shop(Settings(env="test", database_url="postgresql://nobody@127.0.0.1:1/none")) as shop:
        answer = deliver(shop, some_event()[1])
    assert (answer.status_code, answer.json()["code"]) == (503, "not_stored")
    assert int(answer.headers["Retry-After"]) > 0
