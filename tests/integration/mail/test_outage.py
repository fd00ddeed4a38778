"""The mail server is down for a night and more: each receipt is sent once when it is back, and none is dead."""

from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from celery.exceptions import Retry
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from core.gateways.breaker import FIRST_PAUSE, MAX_FAILURES, Breaker
from core.gateways.guard import guarded
from core.gateways.smtp import MailServer, SmtpMailGateway
from core.jobs.enqueue import enqueue
from core.messages import ReportFindings, SendMail
from core.ports.mail import Email, MailGateway
from scripts.local.ports import free_port
from tasks import findings, mail, runtime
from tests.contract.conftest import MailEmulator, mail_emulator
from tests.support.jobs import claim_all, do, job, jobs, states, value

# pytest finds a fixture by its name in this module.
__all__ = ["mail_emulator"]

SENDER = "Aula <no-reply@aula.example>"
MAILS = """
with reader as (
    insert into app.profiles (email, password_hash, display_name)
    select 'reader-' || n || '-' || gen_random_uuid() || '@aula.example', '!', 'Reader ' || n
    from generate_series(1, :count) n returning id
)
insert into app.mail_messages (dedupe_key, template, profile_id) select 'register:' || id, 'register', id from reader
returning id
"""
FINDING = """
insert into app.findings (kind, subject_id) values ('event_dead', gen_random_uuid())
"""


@dataclass
class Server:
    """The mail server as the gateway knows it: nothing listens at first."""

    gateway: MailGateway
    calls: int = 0
    seconds: float = 0.0
    breaker: Breaker = field(init=False)

    def __post_init__(self) -> None:
        self.breaker = Breaker("smtp", lambda: self.seconds)

    def send(self, email: Email) -> None:
        self.calls += 1
        self.gateway.send(email)


@pytest.fixture
def server(in_process: pytest.MonkeyPatch) -> Server:
    down = Server(SmtpMailGateway(MailServer("127.0.0.1", free_port()), SENDER))
    guarded_mailer = guarded(down, down.breaker.call)
    in_process.setattr(runtime, "mailer", lambda: guarded_mailer)
    return down


def receipts(sessions: sessionmaker[Session], count: int) -> list[UUID]:
    with sessions.begin() as session:
        ids = list(session.scalars(text(MAILS), {"count": count}))
        enqueue(session, *(SendMail(mail_id=mail_id) for mail_id in ids))
    return ids


def run_due(sessions: sessionmaker[Session]) -> None:
    """Run what is due, and all jobs that wait for the gateway."""
    do(sessions, "update app.jobs set run_at = now() where state = 'pending'")
    for batch in claim_all(sessions):
        task = mail.send if batch.kind == SendMail.kind else findings.report
        # What it raises is for Flower; the jobs tell what happened.
        with suppress(Retry):
            task.run(batch.to_wire())


def arrived(emulator: MailEmulator) -> list[str]:
    return [message["message_id"] for message in emulator.http.get("/messages.json").json()["messages"]]


def test_every_receipt_of_a_night_is_sent_once(
    sessions: sessionmaker[Session], server: Server, mail_emulator: MailEmulator
) -> None:
    ids = receipts(sessions, 6)
    for _ in range(25):
        run_due(sessions)
        server.seconds += 300
        do(sessions, "update app.jobs set unavailable_since = unavailable_since - interval '1 hour'")
    assert {(one.state, one.attempts) for one in jobs(sessions, SendMail.kind)} == {("pending", 0)}
    server.gateway = SmtpMailGateway(MailServer("127.0.0.1", mail_emulator.smtp_port), SENDER)
    while "pending" in states(sessions, SendMail.kind):
        run_due(sessions)
    expected = sorted(f"<{mail_id}@mail.aula.example>" for mail_id in ids)
    assert sorted(message for message in arrived(mail_emulator) if message in expected) == expected
    assert {(one.state, one.attempts, one.last_error) for one in jobs(sessions, SendMail.kind)} == {
        ("succeeded", 1, None)
    }
    assert value(sessions, "select string_agg(distinct state, ',') from app.mail_messages") == "sent"


def test_a_server_that_is_down_is_called_once_in_a_while(sessions: sessionmaker[Session], server: Server) -> None:
    receipts(sessions, 40)
    run_due(sessions)
    # The calls of a batch are made side by side, so some more may be under way when the breaker opens.
    first = server.calls
    assert MAX_FAILURES <= first < 40
    for _ in range(3):
        run_due(sessions)
    assert server.calls == first
    server.seconds += FIRST_PAUSE
    run_due(sessions)
    assert server.calls == first + 1
    assert states(sessions) == ["pending"] * 40


def test_the_report_of_findings_waits_too(
    sessions: sessionmaker[Session],
    server: Server,
    mail_emulator: MailEmulator,
    in_process: pytest.MonkeyPatch,
) -> None:
    do(sessions, "delete from app.findings")
    do(sessions, FINDING)
    do(sessions, "update app.job_kinds set max_running = null where kind = 'findings.report'")
    operator = runtime.config().model_copy(update={"operator_email": "operator@aula.example"})
    in_process.setattr(runtime, "config", lambda: operator)
    with sessions.begin() as session:
        (job_id,) = enqueue(session, ReportFindings())
    for _ in range(25):
        run_due(sessions)
        server.seconds += 300
    assert (job(sessions, job_id).state, job(sessions, job_id).attempts) == ("pending", 0)
    assert value(sessions, "select reported_at from app.findings") is None
    server.gateway = SmtpMailGateway(MailServer("127.0.0.1", mail_emulator.smtp_port), SENDER)
    run_due(sessions)
    assert states(sessions) == ["succeeded"]
    finding = value(sessions, "select id from app.findings where reported_at is not null")
    assert arrived(mail_emulator).count(f"<findings-{finding}@mail.aula.example>") == 1
