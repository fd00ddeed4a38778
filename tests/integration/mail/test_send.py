"""mail.send, an external task: the intent is stored first, and one Message-ID serves every repetition."""

from threading import Event, Thread
from uuid import UUID

import pytest
from celery.exceptions import Retry
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from core.jobs.batch import Batch
from core.jobs.enqueue import enqueue
from core.jobs.rescue import rescue
from core.messages import SendMail
from core.ports.errors import GatewayRejected, GatewayUnavailable
from core.ports.mail import Email
from tasks import mail, runtime
from tasks.celery_status import JobsDeadError
from tests.support.fake_mailer import FakeMailer
from tests.support.jobs import claim_all, do, job, listen, states, value
from tests.support.waiting import wait_until

MAILS = """
with reader as (
    insert into app.profiles (email, password_hash, display_name)
    select 'reader-' || n || '-' || gen_random_uuid() || '@aula.example', '!', 'Reader ' || n
    from generate_series(1, :count) n returning id
)
insert into app.mail_messages (dedupe_key, template, profile_id) select 'register:' || id, 'register', id from reader
returning id
"""


@pytest.fixture
def mailer(in_process: pytest.MonkeyPatch) -> FakeMailer:
    fake = FakeMailer()
    in_process.setattr(runtime, "mailer", lambda: fake)
    return fake


def batch_of(sessions: sessionmaker[Session], count: int) -> tuple[Batch, list[UUID]]:
    """`count` emails in one batch."""
    with sessions.begin() as session:
        ids = list(session.scalars(text(MAILS), {"count": count}))
        enqueue(session, *(SendMail(mail_id=mail_id) for mail_id in ids))
    (batch,) = claim_all(sessions)
    return batch, ids


def mails(sessions: sessionmaker[Session]) -> list[str]:
    with sessions() as session:
        return sorted(session.scalars(text("select state from app.mail_messages")))


def to(email: Email, number: int) -> bool:
    return email.to.startswith(f"reader-{number}-")


def test_a_batch_is_sent_and_each_email_is_audited(sessions: sessionmaker[Session], mailer: FakeMailer) -> None:
    batch, ids = batch_of(sessions, 40)
    mail.send.run(batch.to_wire())
    assert mailer.ids == sorted(f"<{mail_id}@mail.aula.example>" for mail_id in ids)
    assert mails(sessions) == ["sent"] * 40
    assert states(sessions) == ["succeeded"] * 40
    assert value(sessions, "select count(*) from app.audit_events where tag = 'mail:mail:sent'") == 40


def test_the_intent_is_stored_before_the_call(sessions: sessionmaker[Session], mailer: FakeMailer) -> None:
    batch, _ = batch_of(sessions, 1)
    seen: list[list[str]] = []
    mailer.answer = lambda _email: seen.append(mails(sessions))
    mail.send.run(batch.to_wire())
    assert seen == [["sending"]]


def test_a_crash_between_call_and_commit_repeats_the_same_message_id(
    sessions: sessionmaker[Session], mailer: FakeMailer, in_process: pytest.MonkeyPatch
) -> None:
    batch, _ = batch_of(sessions, 1)

    class PowerCutError(BaseException):
        pass

    def cut(*_: object) -> None:
        raise PowerCutError

    with in_process.context() as patch:
        patch.setattr("tasks.mail.mark_sent", cut)
        with pytest.raises(PowerCutError):
            mail.send.run(batch.to_wire())
    assert (mails(sessions), states(sessions)) == (["sending"], ["dispatched"])
    do(sessions, "update app.jobs set lease_until = now() - interval '1 second'")
    with sessions.begin() as session:
        rescue(session, {})
    (again,) = claim_all(sessions)
    mail.send.run(again.to_wire())
    assert len(mailer.emails) == 2
    assert mailer.emails[0] == mailer.emails[1]
    assert mails(sessions) == ["sent"]


def test_a_sent_email_is_never_sent_again(sessions: sessionmaker[Session], mailer: FakeMailer) -> None:
    batch, _ = batch_of(sessions, 1)
    do(sessions, "update app.mail_messages set state = 'sent', sent_at = now()")
    mail.send.run(batch.to_wire())
    assert (mailer.emails, states(sessions)) == ([], ["succeeded"])


@pytest.mark.parametrize(("error", "attempts"), [(GatewayUnavailable("later"), 0), (RuntimeError("a bug"), 1)])
def test_a_failed_email_leaves_the_others_sent(
    sessions: sessionmaker[Session], mailer: FakeMailer, error: Exception, attempts: int
) -> None:
    batch, _ = batch_of(sessions, 20)

    def refuse_the_third(email: Email) -> None:
        if to(email, 3):
            raise error

    mailer.answer = refuse_the_third
    with pytest.raises(Retry, match=f"1 run again: {type(error).__name__}: {error}"):
        mail.send.run(batch.to_wire())
    assert mails(sessions) == ["sending"] + ["sent"] * 19
    assert sorted(states(sessions)) == ["pending"] + ["succeeded"] * 19
    assert value(sessions, "select attempts from app.jobs where state = 'pending'") == attempts


def test_a_permanently_refused_email_is_dead_at_once(sessions: sessionmaker[Session], mailer: FakeMailer) -> None:
    batch, _ = batch_of(sessions, 20)

    def refuse_the_third(email: Email) -> None:
        if to(email, 3):
            raise GatewayRejected("no such mailbox")

    mailer.answer = refuse_the_third
    with pytest.raises(JobsDeadError, match="1 dead: GatewayRejected: no such mailbox"):
        mail.send.run(batch.to_wire())
    assert mails(sessions) == ["dead"] + ["sent"] * 19
    assert sorted(states(sessions)) == ["dead"] + ["succeeded"] * 19


def test_an_email_whose_result_cannot_be_stored_leaves_the_others_sent(
    sessions: sessionmaker[Session], mailer: FakeMailer, in_process: pytest.MonkeyPatch
) -> None:
    batch, ids = batch_of(sessions, 5)
    real = mail.mark_sent

    def sent(session: Session, sending: mail.PreparedMail, now: object) -> None:
        if sending.mail_id == ids[2]:
            raise RuntimeError("a bug")
        real(session, sending, now)  # pyright: ignore[reportArgumentType] - handed through

    in_process.setattr("tasks.mail.mark_sent", sent)
    with pytest.raises(Retry, match="1 run again: RuntimeError: a bug"):
        mail.send.run(batch.to_wire())
    assert len(mailer.emails) == 5
    assert mails(sessions) == ["sending"] + ["sent"] * 4


def test_an_intent_that_cannot_be_stored_splits_the_batch_before_any_call(
    sessions: sessionmaker[Session], mailer: FakeMailer
) -> None:
    batch, ids = batch_of(sessions, 3)
    do(sessions, "update app.mail_messages set template = 'unwritten' where id = :id", id=ids[1])
    with pytest.raises(Retry, match="3 jobs run in smaller batches: KeyError: 'unwritten'"):
        mail.send.run(batch.to_wire())
    assert mailer.emails == []
    for alone in claim_all(sessions):
        assert alone.isolated
        if job(sessions, alone.id).payload["mail_id"] == str(ids[1]):
            with pytest.raises(Retry, match="unwritten"):
                mail.send.run(alone.to_wire())
        else:
            mail.send.run(alone.to_wire())
    assert mails(sessions) == ["queued", "sent", "sent"]


def test_an_email_is_dead_after_its_last_attempt(sessions: sessionmaker[Session], mailer: FakeMailer) -> None:
    batch, _ = batch_of(sessions, 1)
    do(sessions, "update app.jobs set max_attempts = 1")

    def refuse(_email: Email) -> None:
        raise RuntimeError("a bug")

    mailer.answer = refuse
    with pytest.raises(JobsDeadError, match="1 dead: RuntimeError: a bug"):
        mail.send.run(batch.to_wire())
    assert (states(sessions), mails(sessions)) == (["dead"], ["dead"])


@pytest.mark.parametrize("isolated", [False, True])
def test_a_message_delivered_again_during_the_call_sends_nothing(
    sessions: sessionmaker[Session],
    mailer: FakeMailer,
    isolated: bool,  # noqa: FBT001 - a parameter
) -> None:
    batch, _ = batch_of(sessions, 1)
    wire = {**batch.to_wire(), "isolated": isolated}
    go_on = Event()
    mailer.answer = lambda _email: None if go_on.wait(10) else pytest.fail("go_on was never set")
    first = Thread(target=mail.send.run, args=(wire,))
    first.start()
    wait_until(lambda: mailer.emails, "the call is under way")
    mail.send.run(wire)
    go_on.set()
    first.join(10)
    assert (len(mailer.emails), mails(sessions), states(sessions)) == (1, ["sent"], ["succeeded"])


def test_the_lease_is_renewed_during_a_slow_call(
    sessions: sessionmaker[Session], mailer: FakeMailer, in_process: pytest.MonkeyPatch
) -> None:
    batch, _ = batch_of(sessions, 2)
    short = runtime.config().model_copy(update={"lease_seconds": 1})
    in_process.setattr(runtime, "config", lambda: short)
    go_on = Event()
    mailer.answer = lambda _email: None if go_on.wait(10) else pytest.fail("go_on was never set")
    running = Thread(target=mail.send.run, args=(batch.to_wire(),))
    running.start()
    wait_until(lambda: len(mailer.emails) == 2, "the calls are under way")
    start = value(sessions, "select min(lease_until) from app.jobs")
    renewed = "select min(lease_until) > cast(:start as timestamptz) + interval '1 second' from app.jobs"
    wait_until(lambda: value(sessions, renewed, start=start), "the lease is renewed past its first end")
    with sessions.begin() as session:
        assert rescue(session, {}).pending == 0
    go_on.set()
    running.join(10)
    assert states(sessions) == ["succeeded", "succeeded"]


def test_the_relay_is_notified_when_the_batch_ends(sessions: sessionmaker[Session], mailer: FakeMailer) -> None:
    batch, _ = batch_of(sessions, 3)
    with listen(sessions, "aula_done") as received:
        mail.send.run(batch.to_wire())
        assert received()[-1] == ("aula_done", str(batch.id))
    assert len(mailer.emails) == 3
