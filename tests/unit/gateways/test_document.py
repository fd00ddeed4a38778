"""The document of the gateways agrees with the code."""

import re

import pytest

from core.gateways import breaker, bulkhead, smtp, stripe
from core.jobs import work
from core.messages import Message
from scripts.local.instances import ROOT

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
}
ROW = re.compile(r"^\| ([^|]+: [^|]+) \| (\d+)(?: s| days)? \| `[\w/.]+` \|$", re.MULTILINE)


@pytest.fixture(scope="module")
def document() -> str:
    return (ROOT / "docs" / "gateways.md").read_text(encoding="utf-8")


def test_the_table_has_every_limit_with_its_value(document: str) -> None:
    assert {name: float(number) for name, number in ROW.findall(document)} == LIMITS
