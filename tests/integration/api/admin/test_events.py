"""Operators look for events, decide them again, fetch them anew, and ignore them."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from core.findings.kinds import Kind
from core.findings.open import NewFinding, open_findings
from core.messages import FetchObject
from core.webhooks.new_event import NewEvent
from db.models import WebhookEvent
from tests.support.api_harness import User
from tests.support.jobs import do, jobs, states, value
from tests.support.problems import assert_invalid, assert_problem
from tests.support.webhook_harness import WebhookHarness, make_event, refund_event

REASON = {"reason": "the code is mended"}
KILL = """
update app.webhook_events set state = 'dead', outcome = 'given up', processed_at = now() where event_id = :id
"""


def row(webhooks: WebhookHarness, event: NewEvent) -> WebhookEvent:
    with webhooks.sessions() as session:
        return session.scalars(select(WebhookEvent).where(WebhookEvent.event_id == event.event_id)).one()


def kill(webhooks: WebhookHarness, event: NewEvent) -> UUID:
    """Store an event, and let its job end dead."""
    webhooks.store(event)
    do(webhooks.sessions, KILL, id=event.event_id)
    do(
        webhooks.sessions,
        "update app.jobs set state = 'dead', finished_at = now(), last_error = 'no such table' where state = 'pending'",
    )
    return row(webhooks, event).id


def replay(admin: User, event_id: UUID, source: str = "stored") -> dict[str, Any]:
    answer = admin.http.post(f"/admin/webhooks/{event_id}/replay", json={**REASON, "source": source})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_events_are_found_by_state_type_order_and_outcome(admin: User, webhooks: WebhookHarness) -> None:
    purchase, other = webhooks.place_order(), webhooks.place_order()
    paid = make_event(purchase)
    webhooks.deliver(paid, make_event(other))
    refunded = refund_event(purchase)
    webhooks.deliver(refunded)
    dead = kill(webhooks, make_event(other))

    def found(**params: object) -> list[str]:
        items = admin.http.get("/admin/webhooks", params={k: str(v) for k, v in params.items()}).json()["items"]
        return [one["event_id"] for one in items]

    assert found(order_id=purchase.order_id) == [refunded.event_id, paid.event_id]
    assert found(type="refund.updated") == [refunded.event_id]
    assert len(found(outcome="GIVEN")) == 1
    assert admin.http.get("/admin/webhooks", params={"state": "dead"}).json()["items"][0]["id"] == str(dead)
    assert_invalid(admin.http.get("/admin/webhooks", params={"state": "eaten"}), "state")


def test_an_event_shows_its_body_without_secrets(admin: User, webhooks: WebhookHarness) -> None:
    event = make_event(webhooks.place_order(), client_secret="cs_secret_1")
    webhooks.store(event)
    half_a_pair = event.body.removesuffix("}") + ', "note": "\\ud83d"}'
    do(webhooks.sessions, "update app.webhook_events set body = :body", body=half_a_pair)
    answer = admin.http.get(f"/admin/webhooks/{row(webhooks, event).id}")
    shown = answer.json()
    assert json.loads(shown["body"])["id"] == event.event_id
    assert "cs_secret_1" not in answer.text
    assert shown["failed_attempts"] == []


def test_a_dead_event_is_replayed_by_its_own_job(admin: User, webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    event_id = kill(webhooks, make_event(purchase))
    assert replay(admin, event_id)["state"] == "received"
    assert states(webhooks.sessions, "webhooks.process") == ["pending"]
    webhooks.run_jobs()
    assert webhooks.order_state(purchase) == "fulfilled"


def test_an_ignored_event_is_decided_again_from_what_this_release_reads(admin: User, webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    event = make_event(purchase)
    webhooks.store(event)
    # A release before did not know what the event says.
    do(webhooks.sessions, """update app.webhook_events set data = '{"kind": "none"}'""")
    webhooks.run_jobs()
    assert webhooks.outcome(event) == "ignored: nothing to do"
    replay(admin, row(webhooks, event).id)
    webhooks.run_jobs()
    assert webhooks.order_state(purchase) == "fulfilled"


def test_replaying_a_processed_event_changes_nothing(admin: User, webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    event = make_event(purchase)
    webhooks.deliver(event)
    webhooks.run_jobs()
    counted = "select count(*) from app.payments, app.enrollments, app.mail_messages"
    before = (webhooks.payments(purchase), value(webhooks.sessions, counted), len(jobs(webhooks.sessions)))
    replay(admin, row(webhooks, event).id)
    webhooks.run_jobs()
    # The order is derived once more.
    assert (webhooks.payments(purchase), value(webhooks.sessions, counted)) == before[:2]
    assert webhooks.order_state(purchase) == "fulfilled"
    assert webhooks.outcome(event) == "processed: the same payment again"


def test_an_event_that_waits_is_not_replayed_twice(admin: User, webhooks: WebhookHarness) -> None:
    event_id = kill(webhooks, make_event(webhooks.place_order()))
    replay(admin, event_id)
    replay(admin, event_id)
    assert states(webhooks.sessions, "webhooks.process") == ["pending"]
    replayed = "select count(*) from app.audit_events where tag = 'webhooks:event:replayed'"
    assert value(webhooks.sessions, replayed) == 1


def test_an_event_whose_job_was_pruned_gets_a_new_one(admin: User, webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    event_id = kill(webhooks, make_event(purchase))
    do(webhooks.sessions, "delete from app.jobs")
    replay(admin, event_id)
    webhooks.run_jobs()
    assert webhooks.order_state(purchase) == "fulfilled"


def test_the_object_of_an_event_is_fetched_anew(admin: User, webhooks: WebhookHarness) -> None:
    event = make_event(webhooks.place_order())
    event_id = kill(webhooks, event)
    replay(admin, event_id, "provider")
    (job,) = jobs(webhooks.sessions, FetchObject.kind)
    session_id = json.loads(event.body)["data"]["object"]["id"]
    assert FetchObject.read(job.payload) == FetchObject(object_kind="checkout.session", object_id=session_id)
    assert webhooks.outcome(event) == "processed: its object is fetched"
    second = admin.http.post(f"/admin/webhooks/{event_id}/replay", json={**REASON, "source": "provider"})
    assert_problem(second, 409, "event_not_fetchable")


def test_an_event_without_an_object_that_is_read_cannot_be_fetched(admin: User, webhooks: WebhookHarness) -> None:
    event_id = kill(webhooks, make_event(webhooks.place_order(), "customer.created"))
    answer = admin.http.post(f"/admin/webhooks/{event_id}/replay", json={**REASON, "source": "provider"})
    assert_problem(answer, 409, "event_not_fetchable")


def test_a_dead_event_is_ignored_and_a_processed_one_is_not(admin: User, webhooks: WebhookHarness) -> None:
    event_id = kill(webhooks, make_event(webhooks.place_order()))
    with webhooks.sessions.begin() as session:
        open_findings(session, [NewFinding(Kind.EVENT_DEAD, event_id)])
    answer = admin.http.post(f"/admin/webhooks/{event_id}/ignore", json=REASON).json()
    assert (answer["state"], answer["outcome"]) == ("ignored", "by an operator")
    done = make_event(webhooks.place_order())
    webhooks.deliver(done)
    refused = admin.http.post(f"/admin/webhooks/{row(webhooks, done).id}/ignore", json=REASON)
    assert_problem(refused, 409, "event_not_ignorable")


@pytest.mark.parametrize("action", ["replay", "ignore"])
def test_an_unknown_event_is_not_found(admin: User, action: str) -> None:
    assert_problem(admin.http.post(f"/admin/webhooks/{uuid4()}/{action}", json=REASON), 404, "not_found")
