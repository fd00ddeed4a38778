"""The prose of docs/performance.md."""

from typing import Final

from tests.bench.contestants import DRAMATIQ, PGQUEUER, SPARED, SQL_EFFECT, SQL_STATEMENT, TASKIQ, Aula, plain_celery

_AULA, _CELERY = Aula(), plain_celery("purchases")

HEAD: Final = """<!-- Written by `make bench`. Run it instead of changing this page. -->

# Performance

`make bench` measures everything on this page on one machine in one run, on a PostgreSQL and a Valkey of its
own. A ratio compares two medians of the same run; figures of different runs or machines do not compare."""

METHOD: Final = """## Method

- Contestants take turns, and each round begins with another one. A figure is the median of the rounds; every
  round is shown.
- Each run has a fresh copy of a database that was loaded once, analysed and vacuumed, on PostgreSQL's default
  settings, and an empty broker. Filling a queue is not timed. Before anything counts, each program has run
  once.
- A webhook is answered after a durable commit. Who keeps its queue beside its effects, Aula, pgqueuer and SQL alone,
  does not wait for the disk where a crash takes effect and completion back together (ADR 0013). Where the queue is
  in the broker, a commit has to be durable before its message is gone.
- A drain is timed by the database's clock, from the beginning of the first effect's transaction to that of the
  last, so that the start of a process does not count. Afterwards every effect must be there exactly once, or
  the run fails.
- Everybody has two worker processes, prepared statements with one generic plan each, and autocommit where a
  statement is a transaction. The rivals run Aula's own statements less the ledger (`tests/bench/sql`), one row
  each, in one round trip. Threads, connections and batches of a rival are those that served it best of several
  tried; Aula keeps its defaults.
- `processor, ms each` is what each part used of a processor for one of the backlog. `bound by` is read off
  that: the largest part where the machine was at least 85 % busy (every process of it counted), else waiting,
  which is for the disk to confirm commits, for the broker, or for a process that is alone in its turn.
- Mail is not sent on any side: receipts are queued. In the drains nothing is due by schedule."""

TARGETS: Final = "## Targets"

PURCHASES: Final = f"""## 1. A backlog of whole purchases

From a stored webhook to paid, fulfilled, enrolled, receipt and access mail queued, three audit entries.

- {_AULA.name}: {_AULA.settings}. It also keeps a row for each job and for each mail that is to be sent.
- {_CELERY.name}: {_CELERY.settings}. The same three tasks, one message and one transaction each, each sending the next.

Plain Celery pays a message, a round trip and a commit for each of three steps; Aula pays them for up to 500 at once."""

FULFILMENTS: Final = f"""## 2. `orders.fulfil` alone

Paid orders become fulfilled, with the receipt queued and the audit entry, and the two jobs that follow (grant, mail)
are handed on: by Aula as rows, by the rivals as messages of their own kind, which nobody drains. A rival with
`{SPARED[2:]}` is spared the handing on, which Aula never is. Aula also completes a row for each job.

{
    chr(10).join(
        f"- {one.name}: {one.settings}."
        for one in (_AULA, _CELERY, DRAMATIQ, TASKIQ, PGQUEUER, SQL_STATEMENT, SQL_EFFECT)
    )
}

The rivals pay their own work for each message and a commit for each order."""

INTAKE: Final = """## 3. Webhook intake

Signed deliveries of 2 KB to one uvicorn process (uvloop, httptools), each a new event, over 64 kept-alive
connections from a client in a process of its own. All three doors verify and read the event alike. Aula and
`one insert a request` answer after the commit of event and job (4 connections each); `delay()` stores nothing,
and carries the body to the broker.

A door is bound by its own process where that uses a whole processor, and else by what it waits for: commits.

On the two virtual processors where Aula is developed, whose speed swings through a day, runs gave from 3.4 to 5.8
times `delay()`, and from 2.7 to 3.5 times one insert a request."""

LATENCY: Final = """## 4. From webhook to enrolled

Purchases arrive by chance (Poisson) at the given mean rate for 30 s after 3 s of warm-up, over HTTP at the real
API process, and pass the relay and the worker; a beat runs, and the audit log is sealed. Time runs from the moment a
delivery was due to be sent, waiting for a free connection included, until the commit of its enrollment is heard
by a listener, all on one clock.

A purchase waits for eight commits and five hand-overs between processes, and at 200 a second for a processor: the
machine is then four fifths busy.

Milliseconds are the machine's as much as Aula's. Where Aula is developed, runs had medians from 18 to 31 ms at
50 a second and from 26 to 53 ms at 200, and a 99th of 137 ms at most."""

OLD_TRANSACTION: Final = """## 5. Beside an old transaction

The drain of measure 1 with a backlog for a minute and more, alone and with another session that took its
snapshot in REPEATABLE READ before the first claim and keeps its transaction open to the end: nothing that dies
can be cleaned away.

The relay's watermark spares its claims the dead entries; what remains is that dead rows are carried along."""
