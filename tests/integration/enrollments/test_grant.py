"""enrollments.grant: one enrollment and at most one email for each order item."""

from functools import partial
from threading import Thread
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from core.enrollments.grant import grant
from core.enrollments.revoke import revoke
from core.findings.close import close_resolved
from core.jobs.batch import Batch
from core.jobs.enqueue import enqueue
from core.messages import MESSAGES, GrantEnrollment, RevokeEnrollments, SendMail
from tests.support.concurrency import run_concurrently
from tests.support.jobs import claim_all, do, jobs, statements, states, value
from tests.support.purchases import place_orders
from tests.support.waiting import wait_until

ITEMS = "select id from app.order_items where order_id = any(:ids) order by order_id"

ENROLLED = """
select e.order_item_id, e.state from app.enrollments e join app.order_items i on i.id = e.order_item_id
order by i.order_id
"""


def bought(sessions: sessionmaker[Session], count: int = 1) -> list[GrantEnrollment]:
    with sessions.begin() as session:
        ids = [purchase.order_id for purchase in place_orders(session, count)]
        session.execute(text("update app.orders set state = 'fulfilled' where id = any(:ids)"), {"ids": ids})
        return [GrantEnrollment(order_item_id=item) for item in session.scalars(text(ITEMS), {"ids": ids})]


def bought_twice(sessions: sessionmaker[Session]) -> list[GrantEnrollment]:
    """Two orders of one buyer for one course."""
    first, second = bought(sessions, 2)
    do(sessions, "update app.orders set profile_id = (select min(profile_id::text)::uuid from app.orders)")
    return [first, second]


def end_order(sessions: sessionmaker[Session], message: GrantEnrollment) -> None:
    """Refund the item's order and revoke what it gave."""
    order = value(sessions, "select order_id from app.order_items where id = :id", id=message.order_item_id)
    do(sessions, "update app.orders set state = 'refunded' where id = :id", id=order)
    with sessions.begin() as session:
        enqueue(session, RevokeEnrollments(order_id=UUID(str(order))))
    (batch,) = [one for one in claim_all(sessions) if one.kind == RevokeEnrollments.kind]
    with statements(sessions) as one:
        revoke(one, batch)


def batch_for(sessions: sessionmaker[Session], *messages: GrantEnrollment) -> Batch:
    with sessions.begin() as session:
        enqueue(session, *messages)
    (batch,) = [one for one in claim_all(sessions) if one.kind == GrantEnrollment.kind]
    return batch


def run(sessions: sessionmaker[Session], *messages: GrantEnrollment) -> None:
    batch = batch_for(sessions, *messages)
    with statements(sessions) as one:
        grant(one, batch)


def found(sessions: sessionmaker[Session]) -> list[str]:
    with sessions() as session:
        return list(session.scalars(text("select kind || ':' || subject_id from app.findings where closed_at is null")))


def enrolled(sessions: sessionmaker[Session]) -> list[tuple[UUID, str]]:
    with sessions() as session:
        rows = session.execute(text(ENROLLED))
        return [(row.order_item_id, row.state) for row in rows]


def test_a_grant_enrolls_the_buyer_and_sends_an_email(sessions: sessionmaker[Session]) -> None:
    (message,) = bought(sessions)
    run(sessions, message)
    assert enrolled(sessions) == [(message.order_item_id, "active")]
    assert value(sessions, "select dedupe_key from app.mail_messages") == f"access:{message.order_item_id}"
    assert value(sessions, "select tag from app.audit_events") == "enrollments:enrollment:granted"
    mail_id = UUID(str(value(sessions, "select id from app.mail_messages")))
    (mail,) = jobs(sessions, SendMail.kind)
    assert MESSAGES[mail.kind].read(mail.payload) == SendMail(mail_id=mail_id)


def test_a_repeated_grant_has_one_effect(sessions: sessionmaker[Session]) -> None:
    (message,) = bought(sessions)
    run(sessions, message, message)
    run(sessions, message)
    assert enrolled(sessions) == [(message.order_item_id, "active")]
    assert len(jobs(sessions, SendMail.kind)) == 1
    assert value(sessions, "select count(*) from app.findings") == 0
    assert value(sessions, "select count(*) from app.audit_events") == 1
    assert states(sessions, GrantEnrollment.kind) == ["succeeded"] * 3


@pytest.mark.parametrize("one_batch", [True, False])
def test_a_course_owned_through_another_order_opens_a_finding(sessions: sessionmaker[Session], one_batch: bool) -> None:  # noqa: FBT001 - a parameter
    first, second = bought_twice(sessions)
    if one_batch:
        run(sessions, first, second)
    else:
        run(sessions, first)
        run(sessions, second)
    assert enrolled(sessions) == [(first.order_item_id, "active"), (second.order_item_id, "active")]
    # In one batch the later is the one with the larger id, which begins with the same millisecond.
    later = max(first.order_item_id, second.order_item_id) if one_batch else second.order_item_id
    assert found(sessions) == [f"course_already_owned:{later}"]
    assert value(sessions, "select count(*) from app.audit_events where tag = 'findings:finding:opened'") == 1
    assert value(sessions, "select count(*) from app.orders where state = 'fulfilled'") == 2


def test_two_purchases_of_a_course_granted_at_the_same_time_open_one_finding(sessions: sessionmaker[Session]) -> None:
    first, second = bought_twice(sessions)
    batches = [batch_for(sessions, first), batch_for(sessions, second)]

    def run_one(batch: Batch) -> None:
        with statements(sessions) as one:
            grant(one, batch)

    with sessions() as session:
        # Both statements wait for the lock of an order, and then insert at the same time.
        session.execute(text("select from app.orders for update"))
        threads = [Thread(target=run_one, args=(batch,)) for batch in batches]
        for thread in threads:
            thread.start()
        waiting = (
            "select count(*) = 2 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        )
        wait_until(lambda: bool(value(sessions, waiting)), "both batches wait")
        session.rollback()
    for thread in threads:
        thread.join()
    assert sorted(enrolled(sessions)) == sorted([(first.order_item_id, "active"), (second.order_item_id, "active")])
    assert len(found(sessions)) == 1


def test_a_grant_twice_at_the_same_time_has_one_effect(sessions: sessionmaker[Session]) -> None:
    (message,) = bought(sessions)
    batches = [batch_for(sessions, message), batch_for(sessions, message)]

    def run_one(batch: Batch) -> None:
        with statements(sessions) as one:
            grant(one, batch)

    run_concurrently(*[partial(run_one, batch) for batch in batches])
    assert enrolled(sessions) == [(message.order_item_id, "active")]
    assert len(jobs(sessions, SendMail.kind)) == 1
    assert value(sessions, "select count(*) from app.findings") == 0


def test_a_course_given_back_and_bought_again_is_no_finding(sessions: sessionmaker[Session]) -> None:
    first, second = bought_twice(sessions)
    run(sessions, first)
    end_order(sessions, first)
    run(sessions, second)
    assert enrolled(sessions) == [(first.order_item_id, "revoked"), (second.order_item_id, "active")]
    assert len(jobs(sessions, SendMail.kind)) == 2
    assert found(sessions) == []


def test_one_of_two_purchases_given_back_leaves_access_and_closes_the_finding(sessions: sessionmaker[Session]) -> None:
    first, second = bought_twice(sessions)
    run(sessions, first, second)
    with sessions.begin() as session:
        assert close_resolved(session) == 0
    end_order(sessions, first)
    assert enrolled(sessions) == [(first.order_item_id, "revoked"), (second.order_item_id, "active")]
    with sessions.begin() as session:
        assert close_resolved(session) == 1


def test_the_finding_closes_when_its_own_purchase_is_given_back(sessions: sessionmaker[Session]) -> None:
    first, second = bought_twice(sessions)
    run(sessions, first, second)
    end_order(sessions, second)
    assert enrolled(sessions) == [(first.order_item_id, "active"), (second.order_item_id, "revoked")]
    with sessions.begin() as session:
        assert close_resolved(session) == 1


def test_a_source_that_entitles_again_gets_its_enrollment_back_without_a_second_email(
    sessions: sessionmaker[Session],
) -> None:
    (message,) = bought(sessions)
    run(sessions, message)
    end_order(sessions, message)
    do(sessions, "update app.orders set state = 'fulfilled'")
    run(sessions, message)
    assert enrolled(sessions) == [(message.order_item_id, "active")]
    assert value(sessions, "select revoked_at from app.enrollments") is None
    assert len(jobs(sessions, SendMail.kind)) == 1


def test_an_order_that_entitles_to_nothing_is_granted_nothing(sessions: sessionmaker[Session]) -> None:
    (message,) = bought(sessions)
    run(sessions, message)
    end_order(sessions, message)
    run(sessions, message)
    assert enrolled(sessions) == [(message.order_item_id, "revoked")]


def test_a_stale_batch_grants_nothing(sessions: sessionmaker[Session]) -> None:
    (message,) = bought(sessions)
    batch = batch_for(sessions, message)
    do(sessions, "update app.jobs set lease_version = lease_version + 1")
    with statements(sessions) as one:
        grant(one, batch)
    assert (enrolled(sessions), states(sessions)) == ([], ["dispatched"])
