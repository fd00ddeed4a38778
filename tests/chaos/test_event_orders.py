"""The end of an order depends on the facts about it, and not on the order in which they are told.

`make test` tries a sample; `make chaos` tries every order of one to five facts, and of one to four where each is told
twice or workers are killed. Many orders are told side by side, in the same batches.
"""

import os
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import monotonic

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from core.clock import utc_now
from core.findings.close import close_resolved
from core.jobs.batch import Batch
from core.orders.expire import expire
from core.webhooks.origin import Origin
from core.webhooks.process import apply_batch
from core.wiring.handlers import EVENT_HANDLERS
from tests.chaos.money_facts import FACTS, LARGEST_SET, End, end_of, event_of, second_checkout, stories
from tests.chaos.purchase_rules import broken_rules
from tests.support.jobs import claim_due, empty, job_sessions, lose_leases, statements
from tests.support.purchases import Purchase, place_orders
from tests.support.stored_events import store
from tests.support.webhook_harness import run_batch

LONG = os.environ.get("AULA_CHAOS") == "long"
SAMPLE = 200
SIDE_BY_SIDE = 2_000
SHOWN = 30
# Jobs. Small enough that several batches of one kind run at the same time.
BATCH = 100
Story = tuple[str, ...]
Work = Callable[[Batch], None]

_CHECKOUTS = text("""
insert into app.checkouts (order_id, number, session_id, ui_mode, expires_at, closed_at)
select o.id, 1, c.first_id, 'hosted_page', o.expires_at, now()
from unnest(cast(:orders as uuid[]), cast(:firsts as text[])) as c (order_id, first_id)
join app.orders o on o.id = c.order_id
union all
select o.id, 2, c.second_id, 'hosted_page', o.expires_at, null
from unnest(cast(:orders as uuid[]), cast(:seconds as text[])) as c (order_id, second_id)
join app.orders o on o.id = c.order_id
""")
_ENDS = text("""
select o.id, o.state,
       exists (select from app.enrollments e join app.order_items i on i.id = e.order_item_id
               where i.order_id = o.id and e.state = 'active'),
       array(select f.kind from app.findings f
             where f.closed_at is null
               and (f.order_id = o.id or f.subject_id in (
                   select r.id from app.refunds r
                   where r.provider_payment_id = 'pi_' || replace(cast(o.id as text), '-', '')))
             order by f.kind),
       array(select p.state from app.payments p where p.order_id = o.id order by p.state)
from app.orders o
""")

ORIGIN = Origin(livemode=False)


@pytest.fixture(scope="module")
def sessions(database_url: str) -> Iterator[sessionmaker[Session]]:
    with job_sessions(database_url) as sessions:
        yield sessions


@pytest.fixture(scope="module")
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def run_once(sessions: sessionmaker[Session], pool: ThreadPoolExecutor) -> None:
    """Run all jobs that are due, and those that follow."""
    while batches := claim_due(sessions, BATCH):
        _run_each(pool, batches, lambda batch: run_batch(sessions, batch, ORIGIN))


def run_killed(sessions: sessionmaker[Session], pool: ThreadPoolExecutor) -> None:
    """As `run_once`, but each batch's worker dies before it has committed all, and another dies before it has told the
    broker, which delivers the message again."""
    while first := claim_due(sessions, BATCH):
        _run_each(pool, first, lambda batch: _run_in_part(sessions, batch))
        lose_leases(sessions, first)
        second = claim_due(sessions, BATCH)
        for _ in range(2):
            _run_each(pool, [*second, *first], lambda batch: run_batch(sessions, batch, ORIGIN))


def _run_in_part(sessions: sessionmaker[Session], batch: Batch) -> None:
    """Apply half of the kinds of events, and nothing of any other batch."""
    if batch.kind == "webhooks.process":
        handlers = dict(list(EVENT_HANDLERS.items())[: batch.id.int % len(EVENT_HANDLERS)])
        with statements(sessions) as one:
            apply_batch(one, batch, handlers, ORIGIN)


def _run_each(pool: ThreadPoolExecutor, batches: Sequence[Batch], work: Work) -> None:
    for _ in pool.map(work, batches):
        pass


def tell_once(session: Session, told: Sequence[tuple[str, Purchase]]) -> None:
    store(session, [event_of(*one) for one in told])


def tell_twice(session: Session, told: Sequence[tuple[str, Purchase]]) -> None:
    """Each event arrives twice, and each fact under a second id too."""
    first, again = ([event_of(*one) for one in told] for _ in range(2))
    store(session, [*first, *first])
    store(session, [*again, *first])


WAYS = {"once": (tell_once, run_once), "twice": (tell_twice, run_once), "killed": (tell_once, run_killed)}


def chosen_stories() -> list[Story]:
    """All in the long form, else a sample that is the same in every run."""
    if LONG:
        return list(stories())
    return random.Random(7).sample(list(stories()), SAMPLE)  # noqa: S311 - a sample of tests


def place(sessions: sessionmaker[Session], count: int) -> Sequence[Purchase]:
    """Orders with a first checkout that is closed, and a second one that is open."""
    with sessions.begin() as session:
        placed = place_orders(session, count)
        session.execute(
            _CHECKOUTS,
            {
                "orders": [purchase.order_id for purchase in placed],
                "firsts": [purchase.session_id for purchase in placed],
                "seconds": [second_checkout(purchase) for purchase in placed],
            },
        )
    return placed


def wrong_ends(session: Session, told: Sequence[tuple[Story, Purchase]]) -> list[str]:
    """The stories that did not end as their facts say, each with what it ended as."""
    rows = {row[0]: End(row[1], row[2], tuple(row[3]), tuple(row[4])) for row in session.execute(_ENDS)}
    return [
        f"{', '.join(story)}: {rows[purchase.order_id]}, not {end_of(story)}"
        for story, purchase in told
        if rows[purchase.order_id] != end_of(story)
    ]


def check_stories(sessions: sessionmaker[Session], pool: ThreadPoolExecutor, some: Sequence[Story], way: str) -> None:
    """Tell each story about an order of its own, a fact at a time, and check the rules after each fact."""
    tell, run = WAYS[way]
    empty(sessions)
    told = list(zip(some, place(sessions, len(some)), strict=True))
    for step in range(LARGEST_SET):
        with sessions.begin() as session:
            tell(session, [(story[step], purchase) for story, purchase in told if step < len(story)])
        run(sessions, pool)
        with sessions.begin() as session:
            close_resolved(session)
            assert broken_rules(session) == [], f"{way}, after fact {step + 1}"
    with sessions.begin() as session:
        expire(session, utc_now() + timedelta(days=1))
        wrong = wrong_ends(session, told)
        assert not wrong, f"told {way}, {len(wrong)} of {len(told)} ended wrongly:\n" + "\n".join(wrong[:SHOWN])


@pytest.mark.timeout(3600 if LONG else 120)
@pytest.mark.parametrize("way", WAYS)
def test_the_end_depends_on_the_facts_alone(
    sessions: sessionmaker[Session], pool: ThreadPoolExecutor, way: str
) -> None:
    every = chosen_stories()
    began = monotonic()
    for start in range(0, len(every), SIDE_BY_SIDE):
        check_stories(sessions, pool, every[start : start + SIDE_BY_SIDE], way)
    figures = f"{len(every)} orders of {len(FACTS)} facts, told {way}, in {monotonic() - began:.0f} s"
    print(figures)  # noqa: T201 - shown by make chaos
