"""DELETE /me: money on its way is waited for, open checkouts are closed, and personal data is removed everywhere."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from core.accounts.profile import erase as erase_profile
from core.findings.close import close_resolved
from core.jobs.enqueue import enqueue
from core.maintenance.check import violations
from core.messages import RedactLateEvents
from core.ports.errors import GatewayUnavailable
from core.privacy.erase import MAX_ASKED
from core.webhooks.new_event import NewEvent
from core.webhooks.parse import read_stripe_event
from db.models import OrderState
from tests.support.accounts import PASSWORD, Account, register_account
from tests.support.api_harness import ApiHarness
from tests.support.concurrency import run_concurrently
from tests.support.fake_gateway import FakeGateway, fetched_session
from tests.support.fake_mailer import FakeMailer
from tests.support.jobs import do, jobs, value
from tests.support.problems import assert_problem
from tests.support.purchases import Purchase
from tests.support.waiting import wait_until
from tests.support.webhook_harness import (
    WebhookHarness,
    dispute_event,
    failed_event,
    make_event,
    refund_event,
    unpaid_event,
)
from tests.support.workers import run_due

NAME = "Ingeborg Åström-Quist"
PHONE = "+46701740605"
STREET = "Sagogränd 17"
PERSON = {
    "email": "ingeborg@quist.example",
    "name": NAME,
    "phone": PHONE,
    "address": {"line1": STREET, "postal_code": "11122", "city": "Stockholm", "country": "SE"},
}


@pytest.fixture
def account(api: ApiHarness) -> Account:
    """The one account with this name."""
    do(api.sessions, "update app.profiles set display_name = 'Earlier'")
    do(api.sessions, "delete from app.idempotency_keys")
    account = register_account(api)
    do(api.sessions, "delete from app.jobs")
    do(api.sessions, "delete from app.mail_messages")
    account.http.headers.update(account.headers)
    account.http.patch("/me", json={"display_name": NAME}, headers={"Idempotency-Key": "name"})
    return account


def erase(account: Account, **headers: str) -> httpx.Response:
    return account.http.request("DELETE", "/me", json={"password": PASSWORD}, headers=headers)


def order(account: Account, *, checkout: bool = False, state: OrderState | None = None) -> Purchase:
    """A new order of a course; `checkout`: with an open one, whose session is the purchase's."""
    placed = account.http.post("/orders", json={"items": [account.api.course()]}).json()
    purchase = Purchase(UUID(placed["id"]), placed["total_amount"])
    if checkout:
        body = {"order_id": placed["id"], "ui_mode": "hosted_page"}
        answer = account.http.post("/payments/stripe/create-session", json=body)
        assert answer.status_code == 200, answer.text
        do(account.api.sessions, "update app.checkouts set session_id = :session_id where order_id = :order_id",
           session_id=purchase.session_id, order_id=purchase.order_id)  # fmt: skip
    if state:
        account.api.set_order(placed["id"], state=state)
    return purchase


def charge_event(purchase: Purchase) -> NewEvent:
    """An event that Aula ignores, with the whole person in it and half a surrogate pair."""
    charge = {
        "id": f"ch_{purchase.order_id.hex}",
        "object": "charge",
        "payment_intent": purchase.payment_id,
        "billing_details": PERSON,
        "receipt_email": PERSON["email"],
        "statement": [{"deep": {"shipping": PERSON}}],
        "note": "half",
    }
    event = {"id": f"evt_{charge['id']}", "type": "charge.updated", "created": 1_790_000_000, "livemode": False}
    return read_stripe_event(orjson.dumps({**event, "data": {"object": charge}}).replace(b'"half"', b'"\\ud83d"'))


def places_that_name(sessions: sessionmaker[Session], *words: str) -> list[str]:
    """Each column of the schema with text or JSON that contains one of the words."""
    columns = text("""
        select table_name, column_name from information_schema.columns
        where table_schema = 'app' and data_type in ('text', 'jsonb', 'json', 'character varying', 'character')
        order by 1, 2
    """)
    with sessions() as session:
        return [
            f"{table}.{column}"
            for table, column in session.execute(columns).all()
            if session.scalar(
                text(f'select exists (select from app."{table}" where "{column}"::text ilike any (:words))'),  # noqa: S608 - names of the schema
                {"words": [f"%{word}%" for word in words]},
            )
        ]


def body_of(sessions: sessionmaker[Session], event: NewEvent) -> dict[str, Any]:
    return orjson.loads(
        str(value(sessions, "select body from app.webhook_events where event_id = :id", id=event.event_id))
    )


def test_no_text_names_an_erased_person(
    api: ApiHarness, account: Account, webhooks: WebhookHarness, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    bought, left = order(account, checkout=True), order(account, checkout=True)
    gateway.answers[left.session_id] = fetched_session(left, "expired")
    personal = {"customer_details": PERSON, "customer_email": account.email, "shipping_details": PERSON}
    webhooks.store(make_event(bought, **personal), charge_event(bought))
    run_due(api.sessions)
    # The charge is to be fetched, and there is no provider here.
    do(api.sessions, "delete from app.jobs where kind = 'webhooks.fetch'")
    assert [mail.to for mail in mailer.emails] == [account.email] * 2
    before = places_that_name(api.sessions, NAME, account.email, STREET, PHONE, str(PERSON["email"]))
    assert before == [
        "idempotency_keys.body",
        "one_time_tokens.email",
        "profiles.display_name",
        "profiles.email",
        "webhook_events.body",
    ]
    assert erase(account).status_code == 204
    run_due(api.sessions)
    assert places_that_name(api.sessions, NAME, account.email, STREET, PHONE, str(PERSON["email"])) == []
    assert webhooks.order_state(bought) == "fulfilled"
    with api.sessions.begin() as session:
        assert dict(violations(session, grace_seconds=0)) == {}


def test_other_buyers_events_keep_their_bodies(api: ApiHarness, account: Account, webhooks: WebhookHarness) -> None:
    other = webhooks.place_order()
    mine = order(account, checkout=True, state="expired")
    events = [make_event(other, customer_details=PERSON), unpaid_event(mine, id="cs_of_mine", customer_details=PERSON)]
    do(api.sessions, "update app.checkouts set closed_at = now() where order_id = :id", id=mine.order_id)
    before = [body_of_stored(webhooks, event) for event in events]
    assert erase(account).status_code == 204
    run_due(api.sessions)
    after = [body_of(api.sessions, event) for event in events]
    assert after[0] == before[0]
    assert after[1]["data"]["object"]["customer_details"] is None
    assert after[1]["aula_redacted"] is True
    assert after[1]["data"]["object"]["metadata"] == before[1]["data"]["object"]["metadata"]


def body_of_stored(webhooks: WebhookHarness, event: NewEvent) -> dict[str, Any]:
    webhooks.store(event)
    return body_of(webhooks.sessions, event)


def test_events_that_come_later_are_redacted_by_schedule(
    api: ApiHarness, account: Account, webhooks: WebhookHarness
) -> None:
    purchase = order(account, state="expired")
    assert erase(account).status_code == 204
    run_due(api.sessions)
    late = [make_event(purchase, customer_details=PERSON), charge_event(purchase)]
    webhooks.store(*late)
    run_due(api.sessions)
    assert places_that_name(api.sessions, NAME) == ["webhook_events.body"]
    with api.sessions.begin() as session:
        enqueue(session, RedactLateEvents())
    run_due(api.sessions)
    assert places_that_name(api.sessions, NAME) == []


def test_events_are_redacted_in_batches_that_follow_each_other(
    api: ApiHarness, account: Account, webhooks: WebhookHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.privacy.redact.BATCH", 2)
    purchase = order(account, state="expired")
    webhooks.store(*(unpaid_event(purchase, customer_details=PERSON) for _ in range(5)))
    run_due(api.sessions)
    api.set_order(str(purchase.order_id), state="expired")
    assert erase(account).status_code == 204
    run_due(api.sessions)
    results = [job.result for job in jobs(api.sessions, "privacy.redact")]
    assert results == [{"examined": 2, "redacted": 2}, {"examined": 2, "redacted": 2}, {"examined": 1, "redacted": 1}]
    assert places_that_name(api.sessions, NAME) == []


def test_open_orders_are_cancelled_and_their_checkouts_closed(
    api: ApiHarness, account: Account, webhooks: WebhookHarness, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    pending, overdue = order(account, checkout=True), order(account, checkout=True, state="expired")
    for purchase in (pending, overdue):
        gateway.answers[purchase.session_id] = fetched_session(purchase, "open")
    assert erase(account).status_code == 204
    assert gateway.expired == []
    run_due(api.sessions)
    assert sorted(gateway.expired) == sorted([pending.session_id, overdue.session_id])
    assert (webhooks.order_state(pending), webhooks.order_state(overdue)) == ("cancelled", "expired")
    assert mailer.emails == []


@pytest.mark.parametrize(("state", "wait"), [("processing", "86400"), ("paid", "5")])
def test_an_erasure_waits_for_money_on_its_way(account: Account, state: OrderState, wait: str) -> None:
    purchase = order(account, state=state)
    answer = erase(account)
    assert str(purchase.order_id) in assert_problem(answer, 409, "erasure_waits")["detail"]
    assert answer.headers["Retry-After"] == wait
    assert account.me().json()["display_name"] == NAME


def test_a_checkout_that_was_paid_a_moment_ago_is_fulfilled_first(
    api: ApiHarness, account: Account, webhooks: WebhookHarness, gateway: FakeGateway
) -> None:
    purchase = order(account, checkout=True)
    gateway.answers[purchase.session_id] = fetched_session(purchase, "complete", "paid")
    assert_problem(erase(account, **{"Idempotency-Key": "k"}), 409, "erasure_waits")
    run_due(api.sessions)
    assert (webhooks.order_state(purchase), webhooks.has_access(purchase)) == ("fulfilled", True)
    assert erase(account, **{"Idempotency-Key": "k"}).status_code == 204


def test_nothing_is_erased_while_the_provider_does_not_answer(account: Account, gateway: FakeGateway) -> None:
    order(account, checkout=True)
    gateway.fault = GatewayUnavailable("down")
    answer = erase(account)
    assert_problem(answer, 503, "payment_provider_unavailable")
    assert (answer.headers["Retry-After"], account.me().json()["display_name"]) == ("5", NAME)


def test_a_bounded_number_of_checkouts_is_asked_about(account: Account, gateway: FakeGateway) -> None:
    for _ in range(MAX_ASKED + 1):
        order(account, checkout=True)
    assert str(MAX_ASKED) in assert_problem(erase(account), 409, "erasure_waits")["detail"]
    assert gateway.fetched == []


@pytest.mark.parametrize("state", ["cancelled", "expired", "fulfilled"])
def test_money_for_an_erased_buyer_is_a_finding_and_never_fulfilled(
    api: ApiHarness, account: Account, webhooks: WebhookHarness, mailer: FakeMailer, state: OrderState
) -> None:
    purchase = order(account, state=state)
    assert erase(account).status_code == 204
    run_due(api.sessions)
    for event in (unpaid_event(purchase), failed_event(purchase), make_event(purchase), make_event(purchase)):
        webhooks.store(event)
        run_due(api.sessions)
    assert (webhooks.order_state(purchase), webhooks.has_access(purchase)) == (state, False)
    assert webhooks.findings(purchase) == ["erased_buyer_paid"]
    assert [row[1] for row in webhooks.payments(purchase)] == ["succeeded"]
    assert mailer.emails == []


def test_an_order_that_is_paid_while_its_buyer_is_erased_is_a_finding_and_not_fulfilled(
    api: ApiHarness, account: Account, webhooks: WebhookHarness, mailer: FakeMailer
) -> None:
    purchase = order(account)
    assert webhooks.deliver(make_event(purchase)) == ["processed: paid"]
    waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    with ThreadPoolExecutor(1) as pool:
        with api.sessions.begin() as session:
            erase_profile(session, account.id, api.clock())
            session.flush()
            running = pool.submit(run_due, api.sessions)
            wait_until(lambda: value(api.sessions, waiting) == 1, "the fulfilment waits for the erasure")
        running.result()
    assert (webhooks.order_state(purchase), webhooks.has_access(purchase)) == ("paid", False)
    assert (webhooks.findings(purchase), mailer.emails) == (["erased_buyer_paid"], [])
    with api.sessions.begin() as session:
        assert violations(session, grace_seconds=0) == {}
    webhooks.store(refund_event(purchase))
    run_due(api.sessions)
    with api.sessions.begin() as session:
        close_resolved(session)
    assert (webhooks.order_state(purchase), webhooks.findings(purchase)) == ("refunded", [])


def test_the_finding_closes_when_the_money_is_given_back(
    api: ApiHarness, account: Account, webhooks: WebhookHarness, mailer: FakeMailer
) -> None:
    purchase = order(account, state="expired")
    assert erase(account).status_code == 204
    webhooks.store(make_event(purchase), refund_event(purchase))
    run_due(api.sessions)
    with api.sessions.begin() as session:
        close_resolved(session)
    assert (webhooks.findings(purchase), mailer.emails) == ([], [])


def test_money_that_is_back_restores_no_access_of_an_erased_buyer(
    api: ApiHarness, account: Account, webhooks: WebhookHarness
) -> None:
    purchase = order(account)
    webhooks.store(make_event(purchase), dispute_event(purchase))
    run_due(api.sessions)
    assert (webhooks.order_state(purchase), webhooks.has_access(purchase)) == ("disputed", False)
    assert erase(account).status_code == 204
    webhooks.store(dispute_event(purchase, "won"))
    run_due(api.sessions)
    assert (webhooks.order_state(purchase), webhooks.has_access(purchase)) == ("disputed", False)


def test_a_queued_email_is_not_sent_to_an_erased_reader(api: ApiHarness, account: Account, mailer: FakeMailer) -> None:
    purchase = order(account)
    assert account.http.post(f"/orders/{purchase.order_id}/cancel").status_code == 200
    assert erase(account).status_code == 204
    run_due(api.sessions)
    assert mailer.emails == []
    assert value(api.sessions, "select string_agg(state || params, ',') from app.mail_messages") == "dead{}"


def test_an_erasure_and_an_order_at_the_same_moment_leave_no_open_order(api: ApiHarness, account: Account) -> None:
    items = [api.course() for _ in range(4)]

    def place(item: Mapping[str, object]) -> httpx.Response:
        return account.http.post("/orders", json={"items": [item]})

    answers = run_concurrently(lambda: erase(account), *(partial(place, item) for item in items))
    erased = answers[0].status_code == 204
    open_orders = "select count(*) from app.orders where profile_id = :id and state = 'pending'"
    assert erased or answers[0].json()["code"] == "erasure_waits"
    assert (value(api.sessions, open_orders, id=account.id) == 0) or not erased


def test_the_wait_of_a_debit_is_for_its_outcome(account: Account, api: ApiHarness, webhooks: WebhookHarness) -> None:
    purchase = order(account)
    webhooks.store(unpaid_event(purchase))
    run_due(api.sessions)
    assert_problem(erase(account), 409, "erasure_waits")
    webhooks.store(failed_event(purchase))
    run_due(api.sessions)
    assert erase(account).status_code == 204
    assert webhooks.order_state(purchase) == "cancelled"
