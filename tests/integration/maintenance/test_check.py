"""maintenance.check: each violation, made by hand, is reported under its name; a sound database reports nothing."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from core.audit.seal import seal
from core.enrollments.grant import grant
from core.jobs.work import complete
from core.maintenance.check import check, invariants, violations
from core.messages import FulfilOrder, GrantEnrollment
from core.orders.fulfil import fulfil
from core.webhooks.parse import read_stripe_event
from core.webhooks.process import apply_batch
from core.wiring import EVENT_HANDLERS
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
insert into app.seminar_seats (seminar_id, profile_id, state) select seminar.id, p.id, 'confirmed'
from seminar, (select id from app.profiles limit 2) p
"""

# How each invariant is broken in a database that holds whole purchases.
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
    "order paid twice": [
        """
        insert into app.payments (order_id, provider_payment_id, state, amount, currency, livemode)
        select order_id, 'pi_twice', state, amount, currency, livemode from app.payments where id = A_PAYMENT
        """
    ],
    "refunds over the payment": [
        """
        insert into app.refunds (payment_id, state, amount, currency)
        select id, 'succeeded', amount, currency from app.payments, generate_series(1, 2) where id = A_PAYMENT
        """
    ],
    "seats over capacity": [SEMINAR],
    "fulfilled order without its receipt": ["delete from app.mail_messages where template = 'receipt'"],
    "state change without its audit entry": [
        "delete from app.audit_events where tag = 'orders:order:fulfilled' and seq is null"
    ],
    "job neither due, leased nor waiting": [
        "insert into app.jobs (kind, run_at) values ('mail.send', now() - interval '1 hour')",
    ],
}


@pytest.fixture
def sound(sessions: sessionmaker[Session]) -> sessionmaker[Session]:
    """Three whole purchases of a course and a service each."""
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
                        apply_batch(one, batch, EVENT_HANDLERS, livemode=False)
                    case _:
                        complete(session, batch, dict.fromkeys(batch.job_ids))
    return sessions


def found(sessions: sessionmaker[Session]) -> dict[str, int]:
    with sessions() as session:
        return dict(violations(session))


def test_an_empty_database_is_sound(sessions: sessionmaker[Session]) -> None:
    assert found(sessions) == {}


def test_whole_purchases_are_sound(sound: sessionmaker[Session]) -> None:
    with sound() as session:
        assert session.scalar(text("select count(*) from app.enrollments")) == 3
    assert found(sound) == {}


@pytest.mark.parametrize("invariant", BREAKS)
def test_each_violation_is_reported_by_its_name(sound: sessionmaker[Session], invariant: str) -> None:
    for statement in BREAKS[invariant]:
        do(sound, statement.replace("AN_ORDER", ORDER).replace("A_PAYMENT", PAYMENT))
    assert invariant in found(sound)


def test_every_invariant_is_broken_above(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        rows = [row for name in invariants() for row in session.execute(query(name), {"grace": 600})]
        assert {row.invariant for row in rows} == set(BREAKS)


def test_a_broken_chain_is_reported(sound: sessionmaker[Session]) -> None:
    with sound.begin() as session:
        seal(session)
    do(sound, "update app.audit_events set data = '{}' where seq = 1")
    (name,) = found(sound)
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
def test_work_that_is_under_way_is_not_held_against_anybody(sound: sessionmaker[Session], young: str) -> None:
    do(sound, young)
    assert found(sound) == {}


def test_a_paused_kind_waits_for_a_reason(sound: sessionmaker[Session]) -> None:
    for statement in BREAKS["job neither due, leased nor waiting"]:
        do(sound, statement)
    do(sound, "update app.job_kinds set paused_at = now(), pause_reason = 'x' where kind = 'mail.send'")
    assert found(sound) == {}


def test_the_job_tells_what_it_found(sound: sessionmaker[Session]) -> None:
    do(sound, BREAKS["order paid twice"][0].replace("A_PAYMENT", PAYMENT))
    with sound() as session:
        assert getattr(check(session), "result", None) == {"violations": {"order paid twice": 1}}
