"""Purchases arrive while everything that can be killed is killed; then each of them is accounted for.

In `make test` a small one; with AULA_CHAOS=long, as in `make chaos`, 1,000 purchases and 24 strikes.
"""

import os
import random
import sys
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic

import pytest

from tests.chaos.accounting import settled
from tests.chaos.courier import Courier
from tests.chaos.deliveries import deliveries
from tests.chaos.house import House
from tests.chaos.patience import PATIENCE
from tests.chaos.shop import buy
from tests.chaos.strikes import Strikes
from tests.support.purchases import Purchase
from tests.support.waiting import wait_until

LONG = os.environ.get("AULA_CHAOS") == "long"
PURCHASES, STRIKES = (1008, 24) if LONG else (48, 3)
SEED = int(os.environ.get("AULA_CHAOS_SEED", "1"))
_AT_ONCE = 8


@pytest.mark.timeout(3600 if LONG else 300)
def test_every_purchase_of_a_campaign_is_fulfilled_once(house: House) -> None:
    chance = random.Random(SEED)  # noqa: S311 - to be repeated, not to be secret
    _, address = house.door()
    strikes = Strikes(house, chance)
    purchases: list[Purchase] = []
    taken: list[Future[None]] = []
    began = monotonic()
    with Courier(address) as courier, ThreadPoolExecutor(_AT_ONCE) as pool:
        for kind in strikes.draw(STRIKES):
            wave = buy(house, PURCHASES // STRIKES)
            purchases += wave
            bodies = [body for purchase in wave for body in deliveries(purchase, chance)]
            taken += [pool.submit(courier.deliver, body) for body in bodies]
            _let_some_through(house, chance.randint(1, len(wave)))
            strikes.strike(kind)
        for delivery in taken:
            delivery.result()
    ended = monotonic()
    house.drain(PATIENCE * 4)
    drained = monotonic()
    found = settled(house, purchases)
    _show(
        {
            "seed": SEED,
            **{f"  {kind}": times for kind, times in sorted(strikes.done.items())},
            "strikes": strikes.done.total(),
            "purchases, each fulfilled once": found.purchases,
            "webhooks delivered": len(taken),
            "  of which the door refused and took later": courier.refused,
            "  of which repetitions of an event": len(taken) - house.count("select count(*) from app.webhook_events"),
            "Celery messages repeated": len(house.logged("stagehand: said again")),
            "jobs, all succeeded": house.count("select count(*) from app.jobs where state = 'succeeded'"),
            "  rescued after a lease or a process was lost": _rescued(house),
            "  taken back from a wiped broker": sum(
                int(str(line["again"])) for line in house.logged("relay: the broker was empty")
            ),
            "  dead": house.count("select count(*) from app.jobs where state = 'dead'"),
            "most attempts charged to a job, of 20": found.most_failures,
            "mails repeated under their Message-ID": found.copies,
            "seconds under fire": round(ended - began, 1),
            "seconds to drain": round(drained - ended, 1),
        }
    )


def _let_some_through(house: House, number: int) -> None:
    """Strike while work is in flight, and not always at the same place of it."""
    fulfilled = "select count(*) from app.orders where state = 'fulfilled'"
    enough = house.count(fulfilled) + number
    wait_until(lambda: house.count(fulfilled) >= enough, "work goes on", PATIENCE)


def _rescued(house: House) -> int:
    return house.count(
        "select count(distinct job_id) from app.job_attempts where error ~ 'lease ran out|WorkerLostError'"
    )


def _show(table: Mapping[str, object]) -> None:
    width = max(map(len, table))
    lines = [f"{name:<{width}}  {value:>8}" for name, value in table.items()]
    sys.stdout.write("\n" + "\n".join(lines) + "\n")
