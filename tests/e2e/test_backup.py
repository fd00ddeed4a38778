"""docs/operations/backup.md, command by command: a backup under load, more purchases, a restore of all processes."""

import json
import os
import re
import secrets
import shlex
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import redis
from rich.console import Console

from scripts.aula.forked import run_aula
from scripts.database_url import without_driver
from scripts.local.instances import ROOT
from scripts.local.services import LocalServices
from scripts.run.environment import Environment, make_environment
from scripts.run.preparation import DEMO_DATA, SCHEMA, prepare
from scripts.run.process_specs import make_specs
from scripts.run.progress import PlainProgress
from scripts.run.purchase import Purchase
from scripts.run.supervisor import Supervisor
from scripts.seed import DemoOffers
from tests.support.databases import fresh_database
from tests.support.waiting import wait_until

DEADLINE = 120.0
# Limits of logins are by address, and all buyers have one.
VARIABLES = {"AULA_RATE_LIMIT_ATTEMPTS": "1000"}
PAGE = (ROOT / "docs" / "operations" / "backup.md").read_text(encoding="utf-8")
pytestmark = pytest.mark.timeout(6 * DEADLINE)


@pytest.fixture(autouse=True)
def no_aula_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AULA_")]:
        monkeypatch.delenv(name)


@dataclass(frozen=True, slots=True)
class World:
    """Services, and where the processes of `environment` keep their data."""

    environment: Environment
    services: LocalServices
    offers: DemoOffers
    client: httpx.Client

    @contextmanager
    def running(self, database_url: str) -> Generator[None]:
        """All processes on this database."""
        environment = with_database(self.environment, database_url)
        specs = [spec for spec in make_specs(environment) if spec.name != "flower"]
        progress = PlainProgress(Console())
        with Supervisor(self.services.processes, environment, specs) as supervisor:
            progress.section("Processes", [spec.name for spec in specs])
            supervisor.start(progress)
            yield

    def aula(self, database_url: str, *arguments: str, given: str = "", codes: Sequence[int] = (0,)) -> list[Any]:
        """The documents that a command prints; it must end with one of these codes."""
        variables = {**os.environ, **with_database(self.environment, database_url).variables}
        done = run_aula([*arguments, "--json"], variables, given=given)
        assert done.code in codes, f"{arguments}: {done.stdout}{done.stderr}"
        return _documents(done.stdout)


@dataclass(frozen=True, slots=True)
class Books:
    """The purchases, by when they were made."""

    before: Sequence[Purchase]
    during: Sequence[Purchase]
    paid_later: Sequence[Purchase]
    ordered_later: Sequence[Purchase]


def ids(purchases: Sequence[Purchase]) -> set[str]:
    return {purchase.order_id for purchase in purchases}


def side_by_side(act: Callable[[Purchase], object], purchases: Sequence[Purchase]) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(act, purchases))


def _documents(printed: str) -> list[Any]:
    """JSON lines, or one document over several lines."""
    try:
        return [json.loads(line) for line in printed.splitlines()]
    except json.JSONDecodeError:
        return [json.loads(printed)]


def with_database(environment: Environment, url: str) -> Environment:
    return replace(environment, variables={**environment.variables, **VARIABLES, "AULA_DATABASE_URL": url})


@pytest.fixture
def world() -> Iterator[World]:
    with ExitStack() as stack:
        services = stack.enter_context(LocalServices("backup", fresh=True))
        environment = make_environment(services)
        progress = PlainProgress(Console())
        progress.section("Starting", [SCHEMA, DEMO_DATA])
        offers = prepare(progress, environment)
        client = stack.enter_context(httpx.Client(timeout=60, trust_env=False))
        yield World(environment, services, offers, client)


def order(purchase: Purchase) -> None:
    purchase.register()
    purchase.prove_address()
    purchase.log_in()
    purchase.order()
    purchase.checkout()


def buy(purchase: Purchase) -> None:
    order(purchase)
    purchase.pay()
    purchase.wait_for_fulfilment()


def orders_given(url: str) -> dict[str, tuple[str, int, int]]:
    """Each order's state, its payments, and the enrollments that it gave."""
    statement = """
        select o.id::text, o.state,
               (select count(*) from app.payments p where p.order_id = o.id and p.state = 'succeeded'),
               (select count(*) from app.enrollments e join app.order_items i on i.id = e.order_item_id
                where i.order_id = o.id)
        from app.orders o
    """
    with psycopg.connect(without_driver(url)) as connection:
        return {row[0]: (row[1], row[2], row[3]) for row in connection.execute(statement).fetchall()}


def page_commands() -> list[list[str]]:
    """The words of each command of the page, without `aula`."""
    lines = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
    return [shlex.split(line)[1:] for line in lines]


def findings(world: World, url: str) -> list[str]:
    """What the open findings say of lost orders. There is no LiveKit for the demo's seminar."""
    rows = world.aula(url, "findings", "list", "--state", "open", codes=(0, 1))
    return [row["kind"] for row in rows if row["kind"] != "room_missing"]


def is_checked(world: World, url: str) -> bool:
    """Whether a check that ran now names no violation."""
    jobs = world.aula(url, "jobs", "list", "--kind", "maintenance.check", "--state", "succeeded", codes=(0, 1))
    results = [world.aula(url, "jobs", "show", job["id"])[0]["result"] for job in jobs[:1]]
    return [result["violations"] for result in results] == [{}]


def new(world: World) -> Purchase:
    return Purchase(world.environment, world.offers, world.client)


def make_operator(world: World, url: str) -> None:
    options = ("--reason", "the first", "--password-stdin")
    world.aula(url, "users", "create-admin", "operator@aula.example", *options, given=secrets.token_urlsafe(18))


def sell_during_and_after_a_backup(world: World, url: str, back_up: Callable[[], object]) -> Books:
    """Back up during purchases, then sell more; the processes end afterwards."""
    books = Books(*([new(world) for _ in range(3)] for _ in range(4)))
    with world.running(url):
        make_operator(world, url)
        side_by_side(buy, books.before)
        side_by_side(order, books.paid_later)
        with ThreadPoolExecutor(1) as pool:
            load = pool.submit(side_by_side, buy, books.during)
            back_up()
            load.result()
        side_by_side(Purchase.pay, books.paid_later)
        side_by_side(Purchase.wait_for_fulfilment, books.paid_later)
        side_by_side(buy, books.ordered_later)
    return books


def test_each_payment_is_given_once_after_a_restore(world: World, tmp_path: Path) -> None:
    back_up, restore, migrate, *after_start = page_commands()
    assert [words[:2] for words in (back_up, restore, migrate)] == [
        ["db", "backup"],
        ["db", "restore"],
        ["db", "migrate"],
    ]
    old = world.services.database_url
    with fresh_database(old, "aula_restored") as url:
        place = {"FILE": str(tmp_path / "backup"), "URL": url}

        def page(words: Sequence[str], address: str = url) -> None:
            world.aula(address, *(place.get(word, word) for word in words))

        books = sell_during_and_after_a_backup(world, old, lambda: page(back_up, old))
        page(restore, old)
        with redis.from_url(world.services.redis_url) as broker:
            broker.flushdb()  # pyright: ignore[reportUnknownMemberType] - redis-py's own
        page(migrate)
        restored = orders_given(url)
        assert {restored.get(order_id) for order_id in ids(books.before)} == {("fulfilled", 1, 1)}
        assert {restored.get(order_id) for order_id in ids(books.paid_later)} == {("pending", 0, 0)}
        assert not ids(books.ordered_later) & restored.keys()
        paid = ids([*books.before, *books.during, *books.paid_later]) & restored.keys()
        lost = len(ids([*books.during, *books.ordered_later]) - restored.keys())
        with world.running(url):
            for words in after_start[:2]:
                page(words)
            wait_until(
                lambda: all(orders_given(url)[one] == ("fulfilled", 1, 1) for one in paid), "all given", DEADLINE
            )
            wait_until(lambda: len(set(findings(world, url))) == 1, "lost orders are findings", DEADLINE)
            for words in after_start[2:]:
                page(words)
            wait_until(lambda: is_checked(world, url), "no invariant is violated", DEADLINE)
            assert set(findings(world, url)) == {"money_ignored"}
            assert len(findings(world, url)) >= lost
            assert {orders_given(url)[order_id] for order_id in paid} == {("fulfilled", 1, 1)}
