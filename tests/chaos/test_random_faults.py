"""Purchases arrive while random faults are injected; then every purchase is checked.

`make test` runs the short form; `make chaos` sets AULA_CHAOS=long: 1,008 purchases and 24 faults.
"""

import os
import random
import sys
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic

import pytest

from tests.chaos.accounting import check_all_fulfilled
from tests.chaos.delivery_client import DeliveryClient
from tests.chaos.deployment import Deployment
from tests.chaos.faults import FaultInjector
from tests.chaos.purchases import place_purchases
from tests.chaos.stripe_deliveries import stripe_deliveries
from tests.chaos.timeouts import TIMEOUT
from tests.support.purchases import Purchase
from tests.support.waiting import wait_until

LONG = os.environ.get("AULA_CHAOS") == "long"
PURCHASES, FAULTS = (1008, 24) if LONG else (48, 3)
SEED = int(os.environ.get("AULA_CHAOS_SEED", "1"))
_DELIVERY_THREADS = 8


@pytest.mark.timeout(3600 if LONG else 300)
def test_every_purchase_is_fulfilled_once_under_random_faults(deployment: Deployment) -> None:
    rng = random.Random(SEED)  # noqa: S311 - reproducible, not secret
    _, address = deployment.start_api()
    injector = FaultInjector(deployment, rng)
    purchases: list[Purchase] = []
    delivered: list[Future[None]] = []
    started = monotonic()
    with DeliveryClient(address) as client, ThreadPoolExecutor(_DELIVERY_THREADS) as pool:
        for kind in injector.draw(FAULTS):
            wave = place_purchases(deployment, PURCHASES // FAULTS)
            purchases += wave
            bodies = [body for purchase in wave for body in stripe_deliveries(purchase, rng)]
            delivered += [pool.submit(client.deliver, body) for body in bodies]
            _wait_for_progress(deployment, rng.randint(1, len(wave)))
            injector.inject(kind)
        for delivery in delivered:
            delivery.result()
    injector.wait_until_awake()
    stopped = monotonic()
    deployment.drain(TIMEOUT * 4)
    drained = monotonic()
    report = check_all_fulfilled(deployment, purchases)
    _print_table(
        {
            "seed": SEED,
            **{f"  {kind}": times for kind, times in sorted(injector.injected.items())},
            "faults": injector.injected.total(),
            "purchases, each fulfilled once": report.purchases,
            "webhooks delivered": len(delivered),
            "  failed delivery attempts": client.failed,
            "  of which repeated events": len(delivered) - deployment.count("select count(*) from app.webhook_events"),
            "Celery messages published again": len(deployment.logged("faulty relay: published again")),
            "jobs, all succeeded": deployment.count("select count(*) from app.jobs where state = 'succeeded'"),
            "  rescued after an expired lease or a killed process": _rescued(deployment),
            "  requeued after the broker was wiped": sum(
                int(str(line["again"])) for line in deployment.logged("relay: the broker was empty")
            ),
            "  dead": deployment.count("select count(*) from app.jobs where state = 'dead'"),
            "most attempts of a job, of 20": report.most_attempts,
            "emails sent again with the same Message-ID": report.duplicate_emails,
            "seconds of deliveries and faults": round(stopped - started, 1),
            "seconds to drain": round(drained - stopped, 1),
        }
    )


def _wait_for_progress(deployment: Deployment, number: int) -> None:
    """Wait until more orders are fulfilled, so that a fault hits work in progress at a random point."""
    fulfilled = "select count(*) from app.orders where state = 'fulfilled'"
    expected = deployment.count(fulfilled) + number
    wait_until(lambda: deployment.count(fulfilled) >= expected, "more orders are fulfilled", TIMEOUT)


def _rescued(deployment: Deployment) -> int:
    return deployment.count(
        "select count(distinct job_id) from app.job_attempts where error ~ 'lease ran out|WorkerLostError'"
    )


def _print_table(table: Mapping[str, object]) -> None:
    width = max(map(len, table))
    lines = [f"{name:<{width}}  {value:>8}" for name, value in table.items()]
    sys.stdout.write("\n" + "\n".join(lines) + "\n")
