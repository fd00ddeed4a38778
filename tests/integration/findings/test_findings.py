"""Findings: opened once, reported once, closed by an operator or when their cause is gone."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from core.findings.close import close_resolved, dismiss
from core.findings.kinds import MEANINGS, Kind
from core.findings.on_dead import on_dead
from core.findings.open import NewFinding, open_findings
from core.findings.problems import FindingClosed
from core.findings.report import prepare, sent
from core.messages import FulfilOrder
from core.problems import InputInvalid, NotFound
from db.models import Finding, Job
from tests.support.jobs import do, value

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def findings(sessions: sessionmaker[Session]) -> sessionmaker[Session]:
    do(sessions, "delete from app.findings")
    return sessions


def opened(sessions: sessionmaker[Session], kind: Kind = Kind.SECOND_PAYMENT, subject: UUID | None = None) -> UUID:
    subject = subject or uuid4()
    with sessions.begin() as session:
        open_findings(session, [NewFinding(kind, subject, details={"amount": 100})])
        return session.scalars(select(Finding.id).where(Finding.subject_id == subject)).one()


def an_admin(sessions: sessionmaker[Session]) -> UUID:
    name = uuid4().hex
    do(
        sessions,
        "insert into app.profiles (email, password_hash, display_name, role) values (:email, 'x', 'A', 'admin')",
        email=f"{name}@aula.example",
    )
    return UUID(str(value(sessions, "select id from app.profiles where email = :email", email=f"{name}@aula.example")))


def test_a_finding_that_is_open_is_counted_and_not_repeated(findings: sessionmaker[Session]) -> None:
    subject = uuid4()
    opened(findings, subject=subject)
    opened(findings, subject=subject)
    assert value(findings, "select count(*) || ' ' || max(times_seen) from app.findings") == "1 2"


def test_every_kind_has_a_meaning() -> None:
    assert set(MEANINGS) == set(Kind)


def test_an_operator_dismisses_with_a_reason_once(findings: sessionmaker[Session]) -> None:
    finding, admin = opened(findings), an_admin(findings)
    with findings.begin() as session:
        dismiss(session, finding, actor_id=admin, reason=" refunded by hand ", now=NOW)
    row = "select resolution || ' ' || close_reason from app.findings"
    assert value(findings, row) == "dismissed refunded by hand"
    audited = "select actor_id::text from app.audit_events where tag = 'findings:finding:closed' and subject_id = :id"
    assert value(findings, audited, id=finding) == str(admin)
    with findings.begin() as session, pytest.raises(FindingClosed):
        dismiss(session, finding, actor_id=admin, reason="again", now=NOW)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_a_dismissal_needs_a_reason(findings: sessionmaker[Session], reason: str) -> None:
    finding = opened(findings)
    with findings.begin() as session, pytest.raises(InputInvalid, match="reason of 1 to 500"):
        dismiss(session, finding, actor_id=uuid4(), reason=reason, now=NOW)
    assert value(findings, "select count(*) from app.findings where closed_at is null") == 1


def test_an_unknown_finding_is_not_found(findings: sessionmaker[Session]) -> None:
    with findings.begin() as session, pytest.raises(NotFound):
        dismiss(session, uuid4(), actor_id=uuid4(), reason="x", now=NOW)


def test_a_closed_finding_opens_anew_when_it_is_seen_again(findings: sessionmaker[Session]) -> None:
    subject = uuid4()
    finding = opened(findings, subject=subject)
    with findings.begin() as session:
        dismiss(session, finding, actor_id=an_admin(findings), reason="x", now=NOW)
    with findings.begin() as session:
        open_findings(session, [NewFinding(Kind.SECOND_PAYMENT, subject)])
    assert value(findings, "select count(*) from app.findings where closed_at is null") == 1


def test_a_dead_job_is_a_finding_until_its_replay_succeeds(findings: sessionmaker[Session]) -> None:
    job = Job(id=uuid4(), kind=FulfilOrder.kind, state="dead", finished_at=NOW, last_error="no course")
    with findings.begin() as session:
        session.add(job)
        session.flush()
        on_dead(session, [job.id])
        assert close_resolved(session) == 0
    assert value(findings, "select details ->> 'error' from app.findings where kind = 'job_dead'") == "no course"
    do(findings, "update app.jobs set state = 'succeeded' where id = :id", id=job.id)
    with findings.begin() as session:
        assert close_resolved(session) == 1
    assert value(findings, "select resolution from app.findings") == "resolved"


def test_a_report_names_each_new_finding_and_is_sent_once(findings: sessionmaker[Session]) -> None:
    first, second = opened(findings), opened(findings, Kind.PAYMENT_MISMATCH)
    with findings.begin() as session:
        report = prepare(session, "operator@aula.example", NOW)
    assert report is not None
    assert (report.email.to, report.email.subject) == ("operator@aula.example", "Aula: 2 new findings")
    assert str(first) in report.email.text
    assert str(second) in report.email.text
    with findings.begin() as session:
        sent(session, report, NOW)
    with findings.begin() as session:
        assert prepare(session, "operator@aula.example", NOW) is None


def test_a_report_says_how_to_look_at_what_it_names(findings: sessionmaker[Session]) -> None:
    finding = opened(findings)
    with findings.begin() as session:
        report = prepare(session, "operator@aula.example", NOW)
    assert report is not None
    assert report.email.subject == "Aula: 1 new finding"
    meaning = MEANINGS[Kind.SECOND_PAYMENT].text
    assert report.email.text == f"second_payment: {meaning}\naula findings show {finding}"


def test_without_an_operator_the_log_alone_has_the_finding(
    findings: sessionmaker[Session], capsys: pytest.CaptureFixture[str]
) -> None:
    finding = opened(findings)
    with findings.begin() as session:
        assert prepare(session, None, NOW) is None
    assert str(finding) in "".join(capsys.readouterr())
    assert value(findings, "select count(*) from app.findings where reported_at is null") == 0
