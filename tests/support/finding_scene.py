"""The application, real jobs and what the provider answers: where a finding is caused, seen and repaired."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.orm import Session, sessionmaker

from core.findings.kinds import Kind
from core.jobs.enqueue import enqueue
from core.messages import CheckInvariants, Message
from core.webhooks.new_event import NewEvent
from tests.support.api_harness import ApiHarness, User
from tests.support.command_line import CommandLine
from tests.support.fake_books import FakeBooks
from tests.support.fake_gateway import FakeGateway
from tests.support.fake_mailer import FakeMailer
from tests.support.job_runner import JobRunner
from tests.support.jobs import do, value
from tests.support.purchases import Purchase
from tests.support.webhook_harness import WebhookHarness, make_event

REASON = "agreed with the buyer"
OPERATOR_EMAIL = "operator@aula.example"
METRICS_TOKEN = "m" * 40
# Times that a run of one job reaches the kill switch until its attempt is counted: before and after that commit.
_AFTER_COUNT = 2


@dataclass(frozen=True, slots=True)
class FindingScene:
    """Jobs run by their real tasks in this process; `operator` acts over HTTP, and by `aula`."""

    api: ApiHarness
    aula: CommandLine
    operator: User
    webhooks: WebhookHarness
    runner: JobRunner
    environment: pytest.MonkeyPatch
    gateway: FakeGateway = field(default_factory=FakeGateway)
    books: FakeBooks = field(default_factory=FakeBooks)
    mailer: FakeMailer = field(default_factory=FakeMailer)

    @property
    def sessions(self) -> sessionmaker[Session]:
        return self.webhooks.sessions

    def place(self, *items: dict[str, object], buyer: User | None = None) -> tuple[User, Purchase]:
        """A pending order over HTTP, by default for a new course."""
        buyer = buyer or self.api.user()
        order = buyer.place_order(*(items or (self.api.course(),)))
        return buyer, Purchase(UUID(order["id"]), order["total_amount"])

    def buy(self) -> Purchase:
        """A paid and fulfilled order."""
        _, purchase = self.place()
        self.tell(make_event(purchase))
        assert self.webhooks.order_state(purchase) == "fulfilled"
        return purchase

    def tell(self, *events: NewEvent) -> None:
        """Store events, and run all that follows."""
        self.webhooks.store(*events)
        self.runner.run_due()

    def run(self, message: Message) -> None:
        """Run a job, and all that follows."""
        with self.sessions.begin() as session:
            enqueue(session, message)
        self.runner.run_due()

    def kill_job(self) -> UUID:
        """Let the one due job kill its worker in each of its attempts; returns its id."""
        job_id = UUID(str(value(self.sessions, "select id from app.jobs where state = 'pending'")))
        do(self.sessions, "update app.jobs set max_attempts = 1 where id = :id", id=job_id)
        # The first run is of a batch, and counts no attempt; the second is of the job alone.
        for commits in (0, _AFTER_COUNT):
            assert self.runner.run_killed(self.runner.claim(), commits)
            self.runner.rescue()
        return job_id

    def finding(self, kind: Kind) -> UUID:
        """The one open finding; it is of this kind."""
        rows = "select string_agg(kind || ' ' || id, ',') from app.findings where closed_at is null"
        found = str(value(self.sessions, rows))
        name, _, finding_id = found.partition(" ")
        assert name == kind, found
        return UUID(finding_id)

    def finding_subject(self, kind: Kind) -> str:
        return self.shown(self.finding(kind))["subject_id"]

    def close_resolved(self) -> None:
        """Let the nightly check close what is repaired."""
        self.run(CheckInvariants())

    def shown(self, finding_id: UUID) -> dict[str, Any]:
        return self.operator.http.get(f"/admin/findings/{finding_id}").json()

    def audited(self, subject_id: UUID, tag: str) -> Sequence[dict[str, Any]]:
        """The entries of the audit log with this subject and tag."""
        query = {"subject_id": str(subject_id), "tag": tag}
        return self.operator.http.get("/admin/audit", params=query).json()["items"]

    def decision_of(self, finding_id: UUID, action: str) -> dict[str, Any]:
        """The entry of the audit log about what the operator did: a refund is asked for, other actions close."""
        if action != "refund":
            return self.audited(finding_id, "findings:finding:closed")[0]
        asked = value(self.sessions, "select id from app.refunds where finding_id = :id", id=finding_id)
        return self.audited(UUID(str(asked)), "refunds:refund:requested")[0]

    def open_in_metrics(self) -> dict[str, float]:
        """The kinds with open findings in `/metrics`, and how many."""
        with self.api.visitor({"Authorization": f"Bearer {METRICS_TOKEN}"}) as client:
            text = client.get("/metrics").text
        families = [one for one in text_string_to_metric_families(text) if one.name == "aula_findings_open"]
        return {one.labels["kind"]: one.value for family in families for one in family.samples if one.value}

    def do(self, statement: str, **params: object) -> None:
        do(self.sessions, statement, **params)
