"""The text of docs/performance.md."""

from typing import Final

from tests.bench.systems import DRAMATIQ, EFFECT_ONLY, PGQUEUER, SQL_EFFECT, SQL_STATEMENT, TASKIQ, Aula, plain_celery

_AULA, _CELERY = Aula(), plain_celery("purchases")

HEAD: Final = """<!-- Written by `make bench`. Run it instead of changing this page. -->

# Performance

`make bench` measures everything on this page on one machine in one run, on a PostgreSQL and a Valkey of its
own. A ratio compares two medians of the same run; figures of different runs or machines do not compare."""

METHOD: Final = """## Method

- The systems take turns, and each round starts with the next one. A figure is the median of the rounds; every
  round is shown.
- Each run has a fresh copy of a database that was loaded once, analysed and vacuumed, on PostgreSQL's default
  settings, and an empty broker. Filling a queue is not timed. Each program has run once before
  the first measurement.
- A webhook is answered after a durable commit. Aula, pgqueuer and SQL alone write effect and completion to one
  database. They do not wait for the disk where a crash rolls back effect and completion together (ADR 0013). Where
  the queue is in the broker, a commit must be durable before its message is acknowledged.
- A drain is timed by the database's clock, from the beginning of the first effect's transaction to that of the
  last, so that the start of a process does not count. Afterwards every effect must exist exactly once, or the
  run fails.
- Every system has two worker processes, prepared statements with one generic plan each, and autocommit where a
  statement is a transaction. The baselines run Aula's own statements without the jobs table
  (`tests/bench/sql`), one row each, in one round trip. A baseline's threads, connections and batches are the fastest
  of several tried; Aula keeps its defaults.
- `processor, ms each` is the processor time of each part for one job of the backlog. `bound by` follows from it: the
  largest part where the machine was at least 85 % busy (all its processes counted), else waiting: for the disk to
  confirm commits, for the broker, or for a single process.
- No system sends emails: receipts are queued. In the drains no schedule is due."""

TARGETS: Final = "## Targets"

PURCHASES: Final = f"""## 1. A backlog of whole purchases

From a stored webhook to paid, fulfilled, enrolled, with receipt and access email queued and three audit entries.

- {_AULA.name}: {_AULA.settings}. It also keeps a row for each job and for each email to send.
- {_CELERY.name}: {_CELERY.settings}. The same three tasks, one message and one transaction each; each
  task sends the next.

Plain Celery needs a message, a round trip and a commit for each of three steps; Aula needs them once for up to 500."""

FULFILMENTS: Final = f"""## 2. `orders.fulfil` alone

Paid orders become fulfilled, with the receipt queued and the audit entry, and the two follow-up jobs (grant, mail)
are enqueued: by Aula as rows, by the baselines as messages of their own kind, which no worker drains. A baseline with
`{EFFECT_ONLY[2:]}` enqueues no follow-up jobs; Aula always does. Aula also completes a row for each job.

{
    chr(10).join(
        f"- {system.name}: {system.settings}."
        for system in (_AULA, _CELERY, DRAMATIQ, TASKIQ, PGQUEUER, SQL_STATEMENT, SQL_EFFECT)
    )
}

The baselines need their own work for each message and a commit for each order."""

INTAKE: Final = """## 3. Webhook intake

Signed deliveries of 2 KB to one uvicorn process (uvloop, httptools), each a new event, over 64 kept-alive
connections from a client in a process of its own. All three endpoints verify and parse the event in the same
way. Aula and `one insert a request` answer after the commit of event and job (4 connections each); `delay()` stores
nothing and sends the body to the broker.

An endpoint is bound by its own process where that uses a whole processor, and else by waiting for commits.

On the two virtual processors where Aula is developed, whose speed varies through a day, runs gave from 3.4 to 5.8
times `delay()`, and from 2.7 to 3.5 times one insert a request."""

LATENCY: Final = """## 4. From webhook to enrolled

Purchases arrive as a Poisson process at the given mean rate for 30 s after 3 s of warm-up, over HTTP at the real
API process, and pass the relay and the worker; a beat runs, and the audit log is sealed. Time runs from the moment a
delivery was due to be sent, waiting for a free connection included, until a listener is notified of the
commit of its enrollment, all on one clock.

A purchase waits for eight commits and five messages between processes, and at 200 a second for a processor: the
machine is then four fifths busy.

Milliseconds depend on the machine as much as on Aula. Where Aula is developed, runs had medians from 18 to 31 ms at
50 a second and from 26 to 53 ms at 200, and a 99th of 137 ms at most."""

OLD_TRANSACTION: Final = """## 5. Beside an old transaction

The drain of measure 1 with a backlog for a minute and more, alone and with another session that took its
snapshot in REPEATABLE READ before the first claim and keeps its transaction open to the end: VACUUM can remove
no row that dies meanwhile.

The relay's watermark lets its claims skip the dead index entries; the remaining cost is the dead rows in the tables."""
