"""enrollments.grant: one enrollment for each profile and course, one email for each grant."""

from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from core.enrollments.grant import grant
from core.jobs.batch import Batch
from core.jobs.enqueue import enqueue
from core.messages import MESSAGES, GrantEnrollment, SendMail
from tests.support.jobs import claim_all, do, jobs, statements, states, value
from tests.support.purchases import place_orders

ITEMS = """
select i.id as order_item_id, o.profile_id, i.course_id from app.order_items i join app.orders o on o.id = i.order_id
where o.id = any(:ids) order by i.id
"""


def bought(sessions: sessionmaker[Session], count: int = 1) -> list[GrantEnrollment]:
    with sessions.begin() as session:
        ids = [purchase.order_id for purchase in place_orders(session, count)]
        session.execute(text("update app.orders set state = 'fulfilled' where id = any(:ids)"), {"ids": ids})
        rows = session.execute(text(ITEMS), {"ids": ids}).mappings()
        return [GrantEnrollment(**row) for row in rows]


def bought_twice(sessions: sessionmaker[Session]) -> list[GrantEnrollment]:
    """Two orders of one buyer for one course."""
    first, second = bought(sessions, 2)
    do(sessions, "update app.orders set profile_id = :id", id=first.profile_id)
    return [first, GrantEnrollment(**{**_fields(second), "profile_id": first.profile_id})]


def _fields(message: GrantEnrollment) -> dict[str, UUID]:
    return {
        "order_item_id": message.order_item_id,
        "profile_id": message.profile_id,
        "course_id": message.course_id,
    }


def batch_for(sessions: sessionmaker[Session], *messages: GrantEnrollment) -> Batch:
    with sessions.begin() as session:
        enqueue(session, *messages)
    (batch,) = [one for one in claim_all(sessions) if one.kind == GrantEnrollment.kind]
    return batch


def run(sessions: sessionmaker[Session], *messages: GrantEnrollment) -> None:
    batch = batch_for(sessions, *messages)
    with statements(sessions) as one:
        grant(one, batch)


def enrolled(sessions: sessionmaker[Session]) -> list[tuple[UUID, str]]:
    with sessions() as session:
        rows = session.execute(text("select order_item_id, state from app.enrollments order by id"))
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
    ((holder, _),) = enrolled(sessions)
    other = second if holder == first.order_item_id else first
    finding = "select kind || ':' || subject_id from app.findings"
    assert value(sessions, finding) == f"course_already_owned:{other.order_item_id}"
    assert value(sessions, "select count(*) from app.audit_events where tag = 'findings:finding:opened'") == 1
    assert value(sessions, "select count(*) from app.orders where state = 'fulfilled'") == 2


def test_a_revoked_enrollment_is_active_again_with_a_new_order(sessions: sessionmaker[Session]) -> None:
    first, second = bought_twice(sessions)
    run(sessions, first)
    do(sessions, "update app.enrollments set state = 'revoked', revoked_at = now()")
    run(sessions, second)
    assert enrolled(sessions) == [(second.order_item_id, "active")]
    assert len(jobs(sessions, SendMail.kind)) == 2
    assert value(sessions, "select count(*) from app.findings") == 0


def test_a_stale_batch_grants_nothing(sessions: sessionmaker[Session]) -> None:
    (message,) = bought(sessions)
    batch = batch_for(sessions, message)
    do(sessions, "update app.jobs set lease_version = lease_version + 1")
    with statements(sessions) as one:
        grant(one, batch)
    assert (enrolled(sessions), states(sessions)) == ([], ["dispatched"])
