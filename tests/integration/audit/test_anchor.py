"""Anchor the audit log: what the job stores outside, and what the anchors then show about the database."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session, sessionmaker

from core.audit.anchors import Evidence, evidence, public_key, stored_evidence
from core.audit.record import record
from core.audit.seal import seal
from core.audit.tags import Tag
from core.audit.verify import Verification, verify, verify_since
from core.gateways.anchor_folder import AnchorFolder
from core.jobs.enqueue import enqueue
from core.maintenance import anchor as anchoring
from core.maintenance.anchor import newest_anchor
from core.messages import AnchorAudit
from core.ports.errors import GatewayUnavailable
from core.ports.mail import Email
from core.settings import settings
from db.queries import query
from tasks import runtime
from tests.support.command_line import CommandLine
from tests.support.fake_mailer import FakeMailer
from tests.support.job_runner import JobRunner, open_runner
from tests.support.jobs import do, states, value

KEY = "1f" * 32
TRUSTED = {public_key(KEY)}
# As an owner of the database would, who knows the rule of the chain.
SEALED_ANEW = "update app.audit_events set seq = null, hash = null, sealed_at = null where seq > :seq"


@dataclass(frozen=True, slots=True)
class Log:
    """The audit log, with a folder outside the database and the operator's mailbox."""

    sessions: sessionmaker[Session]
    runner: JobRunner
    folder: Path
    mailer: FakeMailer

    def write(self, count: int) -> None:
        """Write entries, and seal them."""
        with self.sessions.begin() as session:
            for number in range(count):
                record(session, Tag.ORDER_PLACED, uuid4(), data={"number": number})
        self.seal()

    def seal(self) -> None:
        with self.sessions.begin() as session:
            seal(session)

    def anchor(self) -> None:
        """Run the job, and those that follow."""
        with self.sessions.begin() as session:
            enqueue(session, AnchorAudit())
        self.runner.run_due()

    @property
    def outside(self) -> Evidence:
        return stored_evidence(AnchorFolder(str(self.folder)), TRUSTED)

    def verify(self, outside: Evidence | None = None) -> Verification:
        with self.sessions() as session:
            return verify(session, outside or self.outside)

    def verify_since(self) -> Verification:
        with self.sessions() as session:
            return verify_since(session, newest_anchor(session), TRUSTED)

    def has_work(self) -> object:
        with self.sessions() as session:
            return session.scalar(query("audit/has_unanchored"))


@pytest.fixture
def log(sessions: sessionmaker[Session], in_process: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Log]:
    in_process.setenv("AULA_AUDIT_KEY", KEY)
    in_process.setenv("AULA_AUDIT_ANCHORS", str(tmp_path))
    in_process.setenv("AULA_OPERATOR_EMAIL", "operator@aula.example")
    settings.cache_clear()
    mailer = FakeMailer()
    in_process.setattr(runtime, "mailer", lambda: mailer)
    with open_runner(sessions, in_process) as runner:
        yield Log(sessions, runner, tmp_path, mailer)
    runtime.anchors.cache_clear()


@pytest.fixture
def anchored(log: Log) -> Log:
    """Ten entries, anchored after six and after ten."""
    log.write(6)
    log.anchor()
    log.write(4)
    log.anchor()
    assert log.verify() == Verification(10, None, 2)
    assert log.verify_since() == Verification(10)
    return log


def test_each_anchor_is_a_file_and_one_a_day_is_mailed(anchored: Log) -> None:
    assert [found.entries for found in anchored.outside.anchors] == [6, 10]
    (email,) = anchored.mailer.emails
    assert email.to == "operator@aula.example"
    assert evidence([email.text], TRUSTED).anchors == anchored.outside.anchors[:1]
    do(anchored.sessions, "update app.audit_anchors set made_at = made_at - interval '1 day' where number = 1")
    anchored.write(1)
    anchored.anchor()
    assert anchored.mailer.emails[1].subject == "Aula: anchor 3 of the audit log"


def test_nothing_new_makes_no_anchor(anchored: Log) -> None:
    assert anchored.has_work() is False
    anchored.anchor()
    assert len(anchored.outside.anchors) == 2
    anchored.write(1)
    assert anchored.has_work() is True


def test_without_a_key_there_are_no_anchors(log: Log, in_process: pytest.MonkeyPatch) -> None:
    in_process.delenv("AULA_AUDIT_KEY")
    settings.cache_clear()
    log.write(1)
    log.anchor()
    assert value(log.sessions, "select count(*) from app.audit_anchors") == 0
    assert states(log.sessions, AnchorAudit.kind) == ["succeeded"]


def test_without_a_folder_one_a_day_is_mailed(log: Log, in_process: pytest.MonkeyPatch) -> None:
    in_process.delenv("AULA_AUDIT_ANCHORS")
    settings.cache_clear()
    for _ in range(2):
        log.write(2)
        log.anchor()
    (email,) = log.mailer.emails
    assert log.verify(evidence([email.text], TRUSTED)) == Verification(4, None, 1)


def test_a_long_log_is_anchored_in_parts(log: Log, in_process: pytest.MonkeyPatch) -> None:
    in_process.setattr(anchoring, "MOST", 4)
    log.write(10)
    log.anchor()
    assert [found.entries for found in log.outside.anchors] == [4, 8, 10]
    assert [email.subject for email in log.mailer.emails] == ["Aula: anchor 3 of the audit log"]


def test_an_anchor_that_could_not_be_mailed_is_stored_as_it_was_signed(log: Log) -> None:
    def refuse(_email: Email) -> None:
        raise GatewayUnavailable("no answer")

    log.mailer.answer = refuse
    log.write(3)
    log.anchor()
    before = log.outside.anchors
    assert states(log.sessions, AnchorAudit.kind) == ["pending"]
    log.write(3)
    log.mailer.answer = lambda _email: None
    log.runner.rescue()
    log.runner.run_due()
    assert log.outside.anchors == before
    assert len(set(log.mailer.ids)) == 1
    assert value(log.sessions, "select stored_at is not null from app.audit_anchors") is True


@pytest.mark.parametrize("commits", range(4))
def test_a_killed_worker_stores_the_same_anchor(log: Log, commits: int) -> None:
    log.write(3)
    with log.sessions.begin() as session:
        enqueue(session, AnchorAudit())
    assert log.runner.run_killed(log.runner.claim(), commits)
    log.write(3)
    log.runner.rescue()
    log.runner.run_due()
    assert [found.number for found in log.outside.anchors] == [1]
    assert value(log.sessions, "select count(*) from app.audit_anchors where stored_at is not null") == 1
    assert log.verify().fault is None


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        ("delete from app.audit_events where seq > 8", "entry 10 is missing, which anchor 2 covers"),
        ("delete from app.audit_events where seq > 0", "entry 6 is missing, which anchor 1 covers"),
        ("truncate app.audit_events", "entry 6 is missing, which anchor 1 covers"),
        ("truncate app.audit_events, app.audit_anchors", "entry 6 is missing, which anchor 1 covers"),
    ],
)
def test_deleted_entries_are_found(anchored: Log, sql: str, fault: str) -> None:
    do(anchored.sessions, sql)
    with anchored.sessions() as session:
        # The chain alone does not show it.
        assert verify(session).fault is None
    assert anchored.verify().fault == fault


def test_numbers_that_are_used_again_are_found(anchored: Log) -> None:
    do(anchored.sessions, "delete from app.audit_events where seq > 8")
    anchored.write(5)
    assert anchored.verify().fault == "entry 10 is not what anchor 2 signed: entries up to it were sealed anew"
    assert anchored.verify_since().fault == anchored.verify().fault


@pytest.mark.parametrize(("after", "number"), [(2, 1), (7, 2)])
def test_entries_that_were_changed_and_sealed_anew_are_found(anchored: Log, after: int, number: int) -> None:
    do(anchored.sessions, SEALED_ANEW, seq=after)
    do(anchored.sessions, "update app.audit_events set data = data || '{\"number\": 99}' where seq is null")
    anchored.seal()
    with anchored.sessions() as session:
        assert verify(session) == Verification(10)
    fault = f"entry {6 if number == 1 else 10} is not what anchor {number} signed: entries up to it were sealed anew"
    assert anchored.verify().fault == fault


def test_what_comes_after_the_last_anchor_is_not_proven_yet(anchored: Log) -> None:
    anchored.write(2)
    do(anchored.sessions, "delete from app.audit_events where seq > 10")
    assert anchored.verify().fault is None


def test_a_broken_log_is_not_anchored(anchored: Log) -> None:
    do(anchored.sessions, "delete from app.audit_events where seq > 8")
    anchored.write(5)
    anchored.anchor()
    assert len(anchored.outside.anchors) == 2


def test_a_place_outside_refuses_what_differs_from_it(anchored: Log) -> None:
    """The owner of the database deletes the newest entries, and the anchor that covers them."""
    do(anchored.sessions, "delete from app.audit_events where seq > 8")
    do(anchored.sessions, "delete from app.audit_anchors where number = 2")
    anchored.write(5)
    anchored.anchor()
    assert states(anchored.sessions, AnchorAudit.kind)[-1] == "dead"
    assert [found.entries for found in anchored.outside.anchors] == [6, 10]


@pytest.mark.parametrize("change", ["entries = 9", "hash = decode(repeat('00', 32), 'hex')", "key = repeat('0', 64)"])
def test_a_forged_anchor_in_the_database_is_not_believed(anchored: Log, change: str) -> None:
    do(anchored.sessions, f"update app.audit_anchors set {change} where number = 2")  # noqa: S608 - the changes above
    assert (anchored.verify_since().fault or "").startswith("anchor 2 is ")


def test_a_bounded_verification_reads_no_further(anchored: Log) -> None:
    anchored.write(5)
    with anchored.sessions() as session:
        assert verify_since(session, newest_anchor(session), TRUSTED, 3) == Verification(13)
    do(anchored.sessions, "update app.audit_events set data = '{}' where seq in (5, 12)")
    assert (anchored.verify_since().fault or "").startswith("entry 12 ")


@pytest.fixture
def aula(log: Log, database_url: str) -> CommandLine:
    names = {"AULA_AUDIT_KEY": KEY, "AULA_AUDIT_ANCHORS": str(log.folder)}
    return CommandLine({"AULA_DATABASE_URL": database_url, **names})


def test_the_command_line_compares_the_log_with_its_anchors(anchored: Log, aula: CommandLine) -> None:
    assert aula.done("audit", "verify", "--json").document == {"entries": 10, "anchors": 2, "fault": None}
    do(anchored.sessions, "delete from app.audit_events where seq > 8")
    broken = aula("audit", "verify")
    assert broken.code == 1
    assert broken.err == "the audit log is not proven: entry 10 is missing, which anchor 2 covers\n"


def test_the_command_line_takes_anchors_from_emails_and_a_public_key(
    anchored: Log, aula: CommandLine, tmp_path: Path
) -> None:
    key = aula.done("audit", "public-key").out.strip()
    assert {key} == TRUSTED
    file = tmp_path / "emails.txt"
    file.write_text(anchored.mailer.emails[0].text, encoding="utf-8")
    settings.cache_clear()
    auditor = CommandLine({**aula.env, "AULA_AUDIT_KEY": None, "AULA_AUDIT_PUBLIC_KEYS": key})
    assert auditor.done("audit", "verify", "--anchors", file, "--json").document["anchors"] == 1
    given = auditor.done("audit", "verify", "--anchors", "-", "--json", given=file.read_text(encoding="utf-8"))
    assert given.document["anchors"] == 1
    missing = auditor("audit", "verify", "--anchors", tmp_path / "none")
    assert (missing.code, missing.err.startswith("error: --anchors: ")) == (2, True)
    settings.cache_clear()
    without = CommandLine({**aula.env, "AULA_AUDIT_KEY": None})("audit", "public-key")
    assert (without.code, without.err) == (1, "AULA_AUDIT_KEY is not set: the audit log has no anchors\n")
