"""An upgrade without a pause: the release before the newest migrations and this one, side by side on one database.

`make chaos` runs it; it needs the history of the repository.
"""

import io
import json
import os
import signal
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from uuid import UUID

import pytest

from core.maintenance.check import violations
from scripts.local.instances import ROOT
from scripts.local.processes import Process
from tests.chaos.accounting import check_all_fulfilled
from tests.chaos.delivery_client import DeliveryClient
from tests.chaos.deployment import Deployment
from tests.chaos.services import Services
from tests.chaos.timeouts import TIMEOUT
from tests.support.databases import fresh_database
from tests.support.purchases import Purchase, paid_event
from tests.support.waiting import wait_until

PURCHASES = 300
pytestmark = [
    pytest.mark.skipif(os.environ.get("AULA_CHAOS") != "long", reason="`make chaos` runs it"),
    pytest.mark.timeout(600),
]
# Run in the old release's tree, so that its own models write the orders.
_PLACE = f"""
import json, os
from db.engine import make_engine, make_sessions
from tests.support.purchases import place_orders
with make_sessions(make_engine(os.environ["AULA_DATABASE_URL"], 1)).begin() as session:
    print(json.dumps([[str(one.order_id), one.amount] for one in place_orders(session, {PURCHASES})]))
"""


def git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=True).stdout  # noqa: S603, S607 - our own history


def revisions(commit: str) -> set[str]:
    """The migrations of a tree, each with its content."""
    return set(git("ls-tree", commit, "db/sql/").decode().splitlines())


@pytest.fixture
def old_release(tmp_path: Path) -> Path:
    """The newest tree in the history that has only a part of today's migrations."""
    commits = git("log", "--format=%H", "--", "db/sql").decode().split()
    commit = next((commit for commit in commits if revisions(commit) < revisions("HEAD")), None)
    if commit is None:
        pytest.skip("the history of the repository is not here")
    with tarfile.open(fileobj=io.BytesIO(git("archive", commit))) as tree:
        tree.extractall(tmp_path, filter="data")
    return tmp_path


@pytest.fixture
def old_deployment(chaos_services: Services, old_release: Path) -> Iterator[Deployment]:
    """A deployment on the old schema, whose processes are of the old release."""
    with fresh_database(chaos_services.postgres.url(), "chaos") as url:
        in_release(old_release, url, "-m", "scripts.migrate")
        started = Deployment(chaos_services, "two-releases", url, chaos_services.valkey.url(0))
        started.folder = old_release
        try:
            yield started
        finally:
            started.close()


def in_release(folder: Path, url: str, *arguments: str) -> str:
    variables = {**os.environ, "AULA_DATABASE_URL": url}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def start_release(deployment: Deployment) -> tuple[str, list[Process]]:
    api, address = deployment.start_api()
    return address, [api, deployment.start_relay(), deployment.start_worker()]


def deliver(addresses: Sequence[str], purchases: Sequence[Purchase]) -> None:
    """Deliver the payments, to these APIs in turn."""
    with ExitStack() as stack, ThreadPoolExecutor(8) as pool:
        clients = [stack.enter_context(DeliveryClient(address)) for address in addresses]
        deliveries = [
            pool.submit(clients[number % len(clients)].deliver, paid_event(one)) for number, one in enumerate(purchases)
        ]
        for delivery in deliveries:
            delivery.result()


def test_purchases_go_on_while_one_release_follows_the_other(old_deployment: Deployment, old_release: Path) -> None:
    deployment, url = old_deployment, old_deployment.database_url
    placed = json.loads(in_release(old_release, url, "-c", _PLACE))
    purchases = [Purchase(UUID(order_id), amount) for order_id, amount in placed]
    before, during, after = purchases[:100], purchases[100:200], purchases[200:]
    old_address, old_processes = start_release(deployment)
    with ThreadPoolExecutor(1) as pool:
        delivery = pool.submit(deliver, [old_address], before)
        in_release(ROOT, url, "-m", "scripts.migrate")
        delivery.result()
        deployment.folder = ROOT
        new_address, _ = start_release(deployment)
        delivery = pool.submit(deliver, [old_address, new_address], during)
        delivery.result()
        delivery = pool.submit(deliver, [new_address], after)
        for process in old_processes:
            process.signal(signal.SIGTERM)
        wait_until(lambda: not any(process.running for process in old_processes), "the old release has ended", TIMEOUT)
        delivery.result()
    deployment.drain(4 * TIMEOUT)
    check_all_fulfilled(deployment, purchases)
    with deployment.sessions() as session:
        assert violations(session, 0) == {}
