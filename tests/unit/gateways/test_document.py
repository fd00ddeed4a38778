"""The document of the gateways agrees with the code."""

import re

import pytest

from core.gateways import breaker, bulkhead, smtp, stripe
from core.jobs import work
from core.messages import Message
from db import limits
from scripts.local.instances import ROOT
from workers import app, consumer, publisher

LIMITS = {
    "Stripe: to connect": stripe.CONNECT_S,
    "Stripe: for each part of an answer": stripe.ANSWER_S,
    "Stripe: repetitions by the SDK": stripe.RETRIES,
    "Stripe: longest `Retry-After` that is obeyed": stripe.LONGEST_RETRY_AFTER_S,
    "mail server: to connect and be greeted": smtp.CONNECT_S,
    "mail server: for each answer": smtp.ANSWER_S,
    "breaker: failures in a row that open it": breaker.MAX_FAILURES,
    "breaker: first pause": breaker.FIRST_PAUSE,
    "breaker: longest pause": breaker.LONGEST_PAUSE,
    "breaker: pause while a trial is under way": breaker.TRIAL_PAUSE,
    "request: all its calls to Stripe together": bulkhead.DEADLINE,
    "request: calls to Stripe at once, in a process": bulkhead.MAX_CALLS,
    "request: `Retry-After` of a refused one": bulkhead.RETRY_AFTER,
    "job: shortest spread of the delays": work.POSTPONE_BASE,
    "job: longest delay": work.POSTPONE_CAP,
    "job: age of an outage after which it is dead": Message.give_up_after.days,
    "PostgreSQL: to connect": limits.CONNECT_SECONDS,
    "PostgreSQL: until sent data is acknowledged, at both ends": limits.SILENT_SECONDS,
    "PostgreSQL: idle until it is probed, at both ends": limits.PROBE_SECONDS,
    "PostgreSQL: between two probes, of which the third is the last": limits.PROBE_INTERVAL_SECONDS,
    "request: a statement": limits.REQUEST_STATEMENT_SECONDS,
    "request: a lock": limits.REQUEST_LOCK_SECONDS,
    "request: a transaction that does nothing": limits.REQUEST_IDLE_SECONDS,
    "job: a statement": limits.JOB_STATEMENT_SECONDS,
    "job: a lock": limits.JOB_LOCK_SECONDS,
    "job: a transaction that does nothing": limits.JOB_IDLE_SECONDS,
    "broker: a worker, for each answer": app.BROKER_SILENT,
    "broker: a worker, to connect": app.BROKER_CONNECT,
    "broker: a worker, longest pause before it connects again": consumer.RETRY_LONGEST,
    "broker: the relay, for each answer and to connect": publisher.SILENT,
}
ROW = re.compile(r"^\| ([^|]+: [^|]+) \| (\d+)(?: s| days)? \| `[\w/.]+` \|$", re.MULTILINE)


@pytest.fixture(scope="module")
def document() -> str:
    return (ROOT / "docs" / "gateways.md").read_text(encoding="utf-8")


def test_the_table_has_every_limit_with_its_value(document: str) -> None:
    assert {name: float(number) for name, number in ROW.findall(document)} == LIMITS
