"""orders.fulfil: a paid order is fulfilled once."""

from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from core.jobs.batch import Batch
from core.jobs.enqueue import enqueue
from core.messages import MESSAGES, FulfilOrder, GrantEnrollment, SendMail
from core.orders.fulfil import fulfil
from tests.support.jobs import claim_all, do, jobs, statements, states, value
from tests.support.purchases import place_orders


def paid(sessions: sessionmaker[Session], what: str, count: int = 1) -> list[UUID]:
    with sessions.begin() as session:
        ids = [purchase.order_id for purchase in place_orders(session, count, what)]
        session.execute(
            text("update app.orders set state = 'paid', paid_at = now() where id = any(:ids)"), {"ids": ids}
        )
    return ids


def batch_for(sessions: sessionmaker[Session], *order_ids: UUID) -> Batch:
    with sessions.begin() as session:
        enqueue(session, *(FulfilOrder(order_id=order_id) for order_id in order_ids))
    (batch,) = [one for one in claim_all(sessions) if one.kind == FulfilOrder.kind]
    return batch


def run(sessions: sessionmaker[Session], batch: Batch) -> None:
    with statements(sessions) as one:
        fulfil(one, batch)


@pytest.mark.parametrize(("what", "grants", "booked"), [("course", 1, 0), ("service", 0, 1), ("mixed", 1, 1)])
def test_courses_get_a_grant_job_and_services_are_booked(
    sessions: sessionmaker[Session], what: str, grants: int, booked: int
) -> None:
    (order_id,) = paid(sessions, what)
    run(sessions, batch_for(sessions, order_id))
    assert value(sessions, "select state from app.orders where fulfilled_at is not null") == "fulfilled"
    assert len(jobs(sessions, GrantEnrollment.kind)) == grants
    assert value(sessions, "select count(*) from app.order_items where fulfilled_at is not null") == booked
    assert value(sessions, "select string_agg(dedupe_key, ',') from app.mail_messages") == f"receipt:{order_id}"
    assert value(sessions, "select string_agg(tag, ',') from app.audit_events") == "orders:order:fulfilled"
    assert states(sessions, FulfilOrder.kind) == ["succeeded"]


def test_messages_written_by_sql_can_be_read(sessions: sessionmaker[Session]) -> None:
    (order_id,) = paid(sessions, "mixed")
    run(sessions, batch_for(sessions, order_id))
    read = {job.kind: MESSAGES[job.kind].read(job.payload) for job in jobs(sessions)}
    item = value(sessions, "select id from app.order_items where course_id is not null")
    assert read[GrantEnrollment.kind] == GrantEnrollment(order_item_id=UUID(str(item)))
    assert read[SendMail.kind] == SendMail(mail_id=UUID(str(value(sessions, "select id from app.mail_messages"))))


def test_a_large_batch_is_fulfilled(sessions: sessionmaker[Session]) -> None:
    ids = paid(sessions, "course", 50)
    run(sessions, batch_for(sessions, *ids))
    assert len(jobs(sessions, GrantEnrollment.kind)) == 50
    assert value(sessions, "select count(*) from app.orders where state = 'fulfilled'") == 50


def test_an_order_repeated_in_a_batch_and_later_is_fulfilled_once(sessions: sessionmaker[Session]) -> None:
    (order_id,) = paid(sessions, "mixed")
    run(sessions, batch_for(sessions, order_id, order_id))
    run(sessions, batch_for(sessions, order_id))
    assert len(jobs(sessions, GrantEnrollment.kind)) == 1
    assert len(jobs(sessions, SendMail.kind)) == 1
    assert value(sessions, "select count(*) from app.audit_events") == 1
    assert states(sessions, FulfilOrder.kind) == ["succeeded"] * 3


@pytest.mark.parametrize("state", ["pending", "processing", "refunded", "cancelled", "expired"])
def test_an_order_that_is_not_paid_is_not_fulfilled(sessions: sessionmaker[Session], state: str) -> None:
    unpaid, good = paid(sessions, "mixed", 2)
    do(
        sessions,
        """
        update app.orders set state = :state
        where id = :id
        """,
        state=state,
        id=unpaid,
    )
    run(sessions, batch_for(sessions, unpaid, good))
    assert value(sessions, "select state from app.orders where id = :id", id=unpaid) == state
    assert value(sessions, "select array_agg(subject_id::text) from app.audit_events") == [str(good)]
    assert len(jobs(sessions, GrantEnrollment.kind)) == 1
    assert states(sessions, FulfilOrder.kind) == ["succeeded"] * 2


def test_a_stale_batch_fulfils_nothing(sessions: sessionmaker[Session]) -> None:
    (order_id,) = paid(sessions, "course")
    batch = batch_for(sessions, order_id)
    do(sessions, "update app.jobs set lease_version = lease_version + 1")
    run(sessions, batch)
    assert value(sessions, "select state from app.orders") == "paid"
    assert states(sessions) == ["dispatched"]
