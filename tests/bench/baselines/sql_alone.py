"""One of two connections that run the statement alone, in batches of Aula's size, without a queue.

`statement` is Aula's own statement, with the jobs' completion and the follow-up jobs; `effect` is the statement that
the other baselines run. `prepare` marks all jobs as dispatched in advance.
"""

import sys
from uuid import uuid4

import psycopg

from core.orders.states import allowed_from
from core.settings import settings
from db.queries import driver_query
from tests.bench import effects

BATCH = settings().batch_size

_DISPATCH = """
update app.jobs set state = 'dispatched', lease_version = 1, lease_until = now() + interval '1 hour'
where kind = 'orders.fulfil'
"""


def prepare() -> None:
    with psycopg.connect(settings().database_url, autocommit=True) as connection:
        connection.execute(_DISPATCH)
        connection.execute("vacuum analyze")


def run(what: str, part: int) -> None:
    effects.connection().execute("set synchronous_commit = off")
    ids = effects.order_ids() if what == "effect" else effects.fulfil_job_ids()
    for start in range(part * BATCH, len(ids), 2 * BATCH):
        batch = ids[start : start + BATCH]
        if what == "effect":
            effects.fulfil(*batch)
        else:
            fulfil_jobs(batch)


def fulfil_jobs(job_ids: list[str]) -> None:
    fulfillable = "{" + ",".join(allowed_from("fulfilled")) + "}"
    params = {
        "ids": "{" + ",".join(job_ids) + "}",
        "lease_version": 1,
        "batch": str(uuid4()),
        "fulfillable": fulfillable,
    }
    effects.connection().execute(driver_query("orders/fulfil"), params)


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        prepare()
    else:
        run(sys.argv[1], int(sys.argv[2]))
