"""enrollments.grant_gifts: one enrollment for each gift, and at most one email for each course and receiver."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from core.enrollments.grant_gifts import grant_gifts
from core.jobs.batch import Batch
from core.jobs.enqueue import enqueue
from core.jobs.schedules import SCHEDULES, Schedule
from core.maintenance.prune import prune_rows
from core.messages import GrantGifts, SendMail
from core.retention import Retention
from db.queries import query
from tests.support.concurrency import run_concurrently
from tests.support.jobs import claim_all, do, jobs, statements, states, value
from tests.support.purchases import place_orders

GIVE = """
insert into app.gifts (course_id, email, given_by)
select c.id, p.email, c.teacher_id
from (select id, teacher_id from app.courses order by id limit 1) c, app.profiles p
join app.orders o on o.profile_id = p.id
"""
WITHDRAW = "update app.gifts set withdrawn_at = now(), withdrawn_by = given_by where withdrawn_at is null"
NOW = datetime.now(UTC)


def given(sessions: sessionmaker[Session], count: int = 1) -> None:
    """Give a course to new accounts."""
    with sessions.begin() as session:
        place_orders(session, count)
        session.execute(text(GIVE))


def batch_for(sessions: sessionmaker[Session], count: int = 1) -> Batch:
    with sessions.begin() as session:
        enqueue(session, *[GrantGifts()] * count)
    (batch,) = [one for one in claim_all(sessions) if one.kind == GrantGifts.kind]
    return batch


def run(sessions: sessionmaker[Session], batch: Batch | None = None) -> None:
    with statements(sessions) as one:
        grant_gifts(one, batch or batch_for(sessions))


def enrolled(sessions: sessionmaker[Session]) -> object:
    return value(sessions, "select count(*) from app.enrollments where state = 'active' and gift_id is not null")


def test_a_grant_enrolls_each_receiver_and_sends_an_email(sessions: sessionmaker[Session]) -> None:
    given(sessions, 3)
    run(sessions, batch_for(sessions, 2))
    assert enrolled(sessions) == 3
    assert len(jobs(sessions, SendMail.kind)) == 3
    assert states(sessions, GrantGifts.kind) == ["succeeded"] * 2
    tags = "select count(*) from app.audit_events where tag = 'enrollments:enrollment:granted' and data ? 'gift_id'"
    assert value(sessions, tags) == 3


def test_a_repeated_grant_has_one_effect(sessions: sessionmaker[Session]) -> None:
    given(sessions)
    run_concurrently(
        *[lambda batch=batch: run(sessions, batch) for batch in (batch_for(sessions), batch_for(sessions))]
    )
    run(sessions)
    assert enrolled(sessions) == 1
    assert len(jobs(sessions, SendMail.kind)) == 1


def test_a_gift_to_an_address_without_an_account_waits(sessions: sessionmaker[Session]) -> None:
    given(sessions)
    do(sessions, "update app.gifts set email = :email", email=f"{uuid4().hex}@aula.example")
    with sessions() as session:
        assert session.scalar(query("enrollments/has_due_gifts")) is False
    run(sessions)
    assert enrolled(sessions) == 0
    assert value(sessions, "select granted_at from app.gifts") is None


def test_gifts_are_granted_by_schedule_only_when_one_is_due(sessions: sessionmaker[Session]) -> None:
    wanted = Schedule("enrollments-grant-gifts", GrantGifts(), timedelta(minutes=1), "enrollments/has_due_gifts")
    assert wanted in SCHEDULES
    given(sessions)
    for due in (True, False):
        with sessions() as session:
            assert session.scalar(query("enrollments/has_due_gifts")) is due
        run(sessions)


def test_a_gift_given_again_and_again_sends_one_email(sessions: sessionmaker[Session]) -> None:
    given(sessions)
    run(sessions)
    for _ in range(2):
        do(sessions, "update app.enrollments set state = 'revoked', revoked_at = now()")
        do(sessions, WITHDRAW)
        do(sessions, GIVE)
        run(sessions)
    assert enrolled(sessions) == 1
    assert len(jobs(sessions, SendMail.kind)) == 1


def test_a_stale_batch_grants_nothing(sessions: sessionmaker[Session]) -> None:
    given(sessions)
    batch = batch_for(sessions)
    do(sessions, "update app.jobs set lease_version = lease_version + 1")
    run(sessions, batch)
    assert enrolled(sessions) == 0


def test_a_gift_that_no_account_has_taken_is_deleted_after_its_retention(sessions: sessionmaker[Session]) -> None:
    given(sessions, 2)
    do(sessions, "update app.gifts set created_at = now() - interval '89 days'")
    for days, left in ((0, 2), (2, 0)):
        with sessions.begin() as session:
            prune_rows(session, "gifts", NOW + timedelta(days=days), Retention())
        assert value(sessions, "select count(*) from app.gifts") == left
    given(sessions)
    run(sessions)
    with sessions.begin() as session:
        prune_rows(session, "gifts", NOW + timedelta(days=200), Retention())
    assert enrolled(sessions) == value(sessions, "select count(*) from app.gifts") == 3
