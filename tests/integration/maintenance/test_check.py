"""maintenance.check: each violation is reported by name, and a consistent database has none."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from core.audit.seal import seal
from core.enrollments.grant import grant
from core.jobs.work import complete
from core.maintenance.check import check, invariants, violations
from core.messages import FulfilOrder, GrantEnrollment
from core.orders.fulfil import fulfil
from core.webhooks.origin import Origin
from core.webhooks.parse import read_stripe_event
from core.webhooks.process import apply_batch
from core.wiring.handlers import EVENT_HANDLERS
from db.queries import query
from tests.support.jobs import claim_all, do, statements
from tests.support.purchases import paid_event, place_orders
from tests.support.stored_events import store

ORDER = "(select id from app.orders order by id limit 1)"
PAYMENT = "(select id from app.payments order by id limit 1)"
SEMINAR = """
with seminar as (
    insert into app.seminars (teacher_id, title, starts_at, ends_at, capacity, price_amount, currency)
    select teacher_id, 'S', now(), now() + interval '1 hour', 1, 0, 'SEK' from app.courses limit 1 returning id
)
insert into app.seminar_seats (seminar_id, profile_id, state, source) select seminar.id, p.id, 'confirmed', 'guest'
from seminar, (select id from app.profiles limit 1) p
"""
GIFT = """
with gift as (
    insert into app.gifts (course_id, email, given_by) select id, 'a@aula.example', teacher_id from app.courses limit 1
    returning id, course_id, given_by
)
insert into app.enrollments (profile_id, course_id, gift_id) select given_by, course_id, id from gift
"""
SECOND_PURCHASE = """
with item as (
    insert into app.order_items (order_id, course_id, title, unit_amount)
    select order_id, course_id, title, unit_amount from app.order_items where course_id is not null limit 1
    returning id, order_id, course_id
)
insert into app.enrollments (profile_id, course_id, order_item_id, purchase_number)
select o.profile_id, item.course_id, item.id, 2 from item join app.orders o on o.id = item.order_id
"""

# A statement for each invariant that violates it in a database with complete purchases.
BREAKS = {
    "webhook event forgotten": [
        "delete from app.jobs",
        """
        update app.webhook_events
        set state = 'received', processed_at = null, received_at = now() - interval '1 hour'
        """,
    ],
    "paid order left unfulfilled": [
        "delete from app.jobs",
        "delete from app.enrollments",
        "update app.orders set state = 'paid', paid_at = now() - interval '1 hour' where id = AN_ORDER",
    ],
    "fulfilled order without its enrollment": [
        "update app.orders set fulfilled_at = now() - interval '1 hour'",
        """
        delete from app.enrollments
        where order_item_id in (select id from app.order_items where order_id = AN_ORDER)
        """,
    ],
    "fulfilled order without its booked service": ["update app.order_items set fulfilled_at = null"],
    "enrollment without a paid order": ["update app.orders set state = 'refunded' where id = AN_ORDER"],
    "paid order without its payment": ["update app.payments set amount = 1 where id = A_PAYMENT"],
    "payment without goods or finding": [
        """
        insert into app.payments (order_id, provider_payment_id, state, amount, currency, livemode)
        select order_id, 'pi_twice', state, amount, currency, livemode from app.payments where id = A_PAYMENT
        """
    ],
    "refunds over the payment": [
        """
        insert into app.refunds (payment_id, provider_payment_id, state, amount, currency)
        select id, provider_payment_id, 'succeeded', amount, currency
        from app.payments, generate_series(1, 2) where id = A_PAYMENT
        """
    ],
    "requested refund without its job": [
        """
        insert into app.refunds (payment_id, provider_payment_id, state, amount, currency, created_at)
        select id, provider_payment_id, 'requested', amount, currency, now() - interval '1 hour'
        from app.payments where id = A_PAYMENT
        """
    ],
    "line given back and still given": ["update app.order_items set refunded_at = now() - interval '1 hour'"],
    "dead event about money without a finding": ["update app.webhook_events set state = 'dead'"],
    "seats counted wrongly": [SEMINAR, "update app.seminars set seats_taken = 0"],
    "fulfilled order without its seat or its money": [
        SEMINAR,
        """
        update app.order_items set seminar_id = (select id from app.seminars limit 1), course_id = null
        where course_id is not null
        """,
        "update app.orders set fulfilled_at = now() - interval '1 hour'",
    ],
    "confirmed seat of an order that gives nothing": [
        SEMINAR,
        """
        update app.seminar_seats
        set source = 'order', order_item_id = (select id from app.order_items where order_id = AN_ORDER limit 1)
        """,
        "update app.orders set state = 'cancelled' where id = AN_ORDER",
    ],
    "enrollment of a withdrawn gift": [GIFT, "update app.gifts set withdrawn_at = now(), withdrawn_by = given_by"],
    "course bought twice without a finding": [SECOND_PURCHASE],
    "fulfilled order without its receipt": ["delete from app.mail_messages where template = 'receipt'"],
    "state change without its audit entry": [
        "delete from app.audit_events where tag = 'orders:order:fulfilled' and seq is null"
    ],
    "job neither due, leased nor waiting": [
        "insert into app.jobs (kind, run_at) values ('mail.send', now() - interval '1 hour')",
    ],
}

# A free order has no payment, and an audit entry of its own for the state paid.
MADE_FREE = (
    "delete from app.payments where order_id = AN_ORDER",
    "update app.orders set total_amount = 0 where id = AN_ORDER",
)
PAID_ENTRY = "insert into app.audit_events (tag, subject_id) values ('orders:order:paid', AN_ORDER)"


@pytest.fixture
def consistent(sessions: sessionmaker[Session]) -> sessionmaker[Session]:
    """Three complete purchases, each of a course and a service."""
    do(sessions, "truncate app.seminars cascade")
    with sessions.begin() as session:
        purchases = place_orders(session, 3, "mixed")
        store(session, [read_stripe_event(paid_event(purchase)) for purchase in purchases])
    for _ in range(3):
        for batch in claim_all(sessions):
            with sessions.begin() as session, statements(sessions) as one:
                match batch.kind:
                    case FulfilOrder.kind:
                        fulfil(one, batch)
                    case GrantEnrollment.kind:
                        grant(one, batch)
                    case "webhooks.process":
                        apply_batch(one, batch, EVENT_HANDLERS, Origin(livemode=False))
                    case _:
                        complete(session, batch, dict.fromkeys(batch.job_ids))
    return sessions


def found(sessions: sessionmaker[Session]) -> dict[str, int]:
    with sessions() as session:
        return dict(violations(session))


def test_an_empty_database_has_no_violations(sessions: sessionmaker[Session]) -> None:
    assert found(sessions) == {}


def test_complete_purchases_have_no_violations(consistent: sessionmaker[Session]) -> None:
    with consistent() as session:
        assert session.scalar(text("select count(*) from app.enrollments")) == 3
    assert found(consistent) == {}


@pytest.mark.parametrize("invariant", BREAKS)
def test_each_violation_is_reported_by_name(consistent: sessionmaker[Session], invariant: str) -> None:
    for statement in BREAKS[invariant]:
        do(consistent, statement.replace("AN_ORDER", ORDER).replace("A_PAYMENT", PAYMENT))
    assert invariant in found(consistent)


def test_a_free_order_needs_no_payment_but_its_own_audit_entry(consistent: sessionmaker[Session]) -> None:
    for statement in MADE_FREE:
        do(consistent, statement.replace("AN_ORDER", ORDER))
    assert found(consistent) == {"state change without its audit entry": 1}
    do(consistent, PAID_ENTRY.replace("AN_ORDER", ORDER))
    assert found(consistent) == {}


def test_every_invariant_has_a_test_that_breaks_it(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        rows = [row for name in invariants() for row in session.execute(query(name), {"grace": 600})]
        assert {row.invariant for row in rows} == set(BREAKS)


def test_a_broken_audit_chain_is_reported(consistent: sessionmaker[Session]) -> None:
    with consistent.begin() as session:
        seal(session)
    do(consistent, "update app.audit_events set data = '{}' where seq = 1")
    (name,) = found(consistent)
    assert name.startswith("audit chain: entry 1 ")


@pytest.mark.parametrize(
    "young",
    [
        "update app.webhook_events set state = 'received', processed_at = null",
        "insert into app.jobs (kind) values ('mail.send')",
        "update app.orders set state = 'paid', paid_at = now()",
        "delete from app.enrollments",
    ],
)
def test_recent_work_in_progress_is_no_violation(consistent: sessionmaker[Session], young: str) -> None:
    do(consistent, young)
    assert found(consistent) == {}


def test_jobs_of_a_paused_kind_are_no_violation(consistent: sessionmaker[Session]) -> None:
    for statement in BREAKS["job neither due, leased nor waiting"]:
        do(consistent, statement)
    do(consistent, "update app.job_kinds set paused_at = now(), pause_reason = 'x' where kind = 'mail.send'")
    assert found(consistent) == {}


def test_the_result_of_the_job_lists_the_violations(consistent: sessionmaker[Session]) -> None:
    do(consistent, BREAKS["payment without goods or finding"][0].replace("A_PAYMENT", PAYMENT))
    with consistent() as session:
        assert getattr(check(session), "result", None) == {
            "violations": {"payment without goods or finding": 1},
            "findings_resolved": 0,
        }
