"""The story of a purchase is one query."""

from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from core.cause import caused_by_request
from core.console.timeline import TimelineEntry, timeline
from core.findings.kinds import Kind
from core.findings.open import NewFinding, open_findings
from core.jobs.enqueue import enqueue
from core.messages import CloseCheckout
from core.orders.cancel import cancel
from core.problems import NotFound
from tests.support.jobs import do, jobs, value
from tests.support.purchases import Purchase
from tests.support.webhook_harness import WebhookHarness, make_event, refund_event


def story(sessions: sessionmaker[Session], purchase: Purchase) -> list[TimelineEntry]:
    with sessions.begin() as session:
        return list(timeline(session, purchase.order_id))


def said(entries: list[TimelineEntry]) -> set[str]:
    return {f"{entry.source} {entry.details.get('kind', '')} {entry.what}" for entry in entries}


def test_a_purchase_has_its_events_jobs_mails_money_access_and_audit_in_one_story(webhooks: WebhookHarness) -> None:
    other, purchase = webhooks.place_order(), webhooks.place_order()
    webhooks.deliver(make_event(other))
    webhooks.deliver(make_event(purchase))
    webhooks.run_jobs()
    webhooks.deliver(refund_event(purchase))
    webhooks.run_jobs()
    entries = story(webhooks.sessions, purchase)
    assert said(entries) >= {
        "order  placed",
        "order  paid",
        "order  fulfilled",
        "checkout  opened",
        "event  received",
        "event  processed",
        "job webhooks.process succeeded",
        "job orders.fulfil succeeded",
        "job enrollments.grant succeeded",
        "job enrollments.revoke succeeded",
        "job payments.derive succeeded",
        "job mail.send succeeded",
        "mail  queued",
        "payment  succeeded",
        "refund  succeeded",
        "enrollment  granted",
        "enrollment  revoked",
        "audit  stripe:order:paid",
        "audit  enrollments:enrollment:granted",
    }
    assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)
    foreign = "select id from app.jobs where payload ->> 'order_id' = :id limit 1"
    assert value(webhooks.sessions, foreign, id=str(other.order_id)) not in {entry.subject_id for entry in entries}


def test_every_job_of_a_purchase_names_its_cause(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order("mixed")
    webhooks.deliver(make_event(purchase))
    webhooks.run_jobs()
    webhooks.deliver(refund_event(purchase))
    webhooks.run_jobs()
    made = {job.id: job for job in jobs(webhooks.sessions)}
    with webhooks.sessions() as session:
        paid, refunded = session.scalars(text("select id from app.webhook_events order by id")).all()
    causes = {
        (job.kind, made[cause].kind if (cause := job.cause_id) and cause in made else cause) for job in made.values()
    }
    assert causes == {
        ("webhooks.process", paid),
        ("orders.fulfil", paid),
        ("enrollments.grant", "orders.fulfil"),
        ("mail.send", "orders.fulfil"),
        ("mail.send", "enrollments.grant"),
        ("webhooks.process", refunded),
        ("payments.derive", refunded),
        ("enrollments.revoke", "payments.derive"),
        ("mail.send", "payments.derive"),
    }


def test_jobs_of_a_batch_have_each_their_own_cause(webhooks: WebhookHarness) -> None:
    purchases = [webhooks.place_order() for _ in range(5)]
    webhooks.deliver(*(make_event(purchase) for purchase in purchases))
    webhooks.run_jobs()
    foreign = """
    select count(*) from app.jobs child join app.jobs parent on parent.id = child.cause_id
    where child.payload ->> 'order_item_id' is not null
      and (select order_id from app.order_items where id = cast(child.payload ->> 'order_item_id' as uuid))
          <> cast(parent.payload ->> 'order_id' as uuid)
    """
    assert value(webhooks.sessions, foreign) == 0
    assert value(webhooks.sessions, "select count(*) from app.jobs where cause_id is null") == 0
    assert value(webhooks.sessions, "select count(distinct cause_id) from app.jobs where kind = 'mail.send'") == 10


def test_the_job_of_a_cancellation_is_found_by_the_request_that_caused_it(webhooks: WebhookHarness) -> None:
    purchase, request = webhooks.place_order(), uuid4()
    buyer = value(webhooks.sessions, "select profile_id from app.orders where id = :id", id=purchase.order_id)
    with caused_by_request(request), webhooks.sessions.begin() as session:
        cancel(session, purchase.order_id, buyer)  # pyright: ignore[reportArgumentType] - a UUID column
    (closing,) = jobs(webhooks.sessions, CloseCheckout.kind)
    assert closing.cause_id == request
    assert f"job {CloseCheckout.kind} enqueued" in said(story(webhooks.sessions, purchase))


def test_a_dead_event_and_a_finding_are_in_the_story(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    webhooks.store(make_event(purchase))
    do(webhooks.sessions, "update app.webhook_events set state = 'dead', outcome = 'given up', processed_at = now()")
    do(
        webhooks.sessions,
        "insert into app.webhook_attempts (webhook_event_id, error) select id, 'no such table' from app.webhook_events",
    )
    with webhooks.sessions.begin() as session:
        open_findings(session, [NewFinding(Kind.EVENT_DEAD, uuid4(), purchase.order_id)])
    entries = story(webhooks.sessions, purchase)
    assert {"event  dead", "event  failed", "finding event_dead opened"} <= said(entries)
    assert [entry.details["error"] for entry in entries if entry.what == "failed"] == ["no such table"]


def test_secrets_are_left_out_of_the_story(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    with webhooks.sessions.begin() as session:
        open_findings(session, [NewFinding(Kind.EVENT_DEAD, uuid4(), purchase.order_id, {"client_secret": "cs_live"})])
    assert "cs_live" not in str(story(webhooks.sessions, purchase))


def test_an_unknown_order_has_no_story(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session, pytest.raises(NotFound):
        timeline(session, uuid4())


def test_a_job_enqueued_outside_requests_and_jobs_has_no_cause(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        enqueue(session, CloseCheckout(session_id="cs_1"))
    assert [job.cause_id for job in jobs(sessions)] == [None]
